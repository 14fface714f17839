#include "control/host/ingress_drop.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <limits>
#include <vector>

namespace ringway::control::host {

namespace {

constexpr const char* kChain = "ingress";
constexpr std::int32_t kBeforeAllOthers = std::numeric_limits<std::int32_t>::min();

constexpr std::uint16_t nft_type(unsigned message) {
    return static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | message);
}

void put_be32(NetlinkRequest& request, std::uint16_t type, std::uint32_t value) {
    request.put_u32(type, htonl(value));
}

/// Netfilter's transaction: all of its messages are done or none.
class Batch {
  public:
    explicit Batch(std::uint32_t sequence) : sequence_(sequence) { add_marker(NFNL_MSG_BATCH_BEGIN); }

    void add(NetlinkRequest& request) {
        request.message()->nlmsg_seq = sequence_;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(request.message());
        bytes_.insert(bytes_.end(), bytes, bytes + request.message()->nlmsg_len);
    }
    /// The verdict is that of the last message, or of the first that failed.
    [[nodiscard]] Result<void> commit(NetlinkSocket& socket, const std::string& attempted) {
        add_marker(NFNL_MSG_BATCH_END);
        if (auto sent = socket.send(bytes_, attempted); !sent) return sent;
        return socket.await(sequence_, attempted, [](const nlmsghdr*) {});
    }

  private:
    void add_marker(std::uint16_t type) {
        NetlinkRequest marker(type, 0);
        marker.header<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
        add(marker);
    }
    std::uint32_t sequence_;
    std::vector<std::uint8_t> bytes_;
};

void begin(NetlinkRequest& request) {
    request.header<nfgenmsg>().nfgen_family = NFPROTO_NETDEV;
}

/// What an earlier run may have left; EPERM if its owner lives.
Result<void> remove_stale_table(NetlinkSocket& socket, const std::string& table) {
    NetlinkRequest request(nft_type(NFT_MSG_DELTABLE), NLM_F_ACK);
    begin(request);
    request.put_string(NFTA_TABLE_NAME, table);
    Batch batch(socket.next_sequence());
    batch.add(request);
    auto done = batch.commit(socket, "remove a stale nftables table " + table);
    if (!done && done.error().code == ENOENT) return {};
    return done;
}

Result<void> add_table(NetlinkSocket& socket, const std::string& table, const std::string& interface) {
    NetlinkRequest new_table(nft_type(NFT_MSG_NEWTABLE), NLM_F_CREATE | NLM_F_EXCL);
    begin(new_table);
    new_table.put_string(NFTA_TABLE_NAME, table);
    put_be32(new_table, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);

    NetlinkRequest new_chain(nft_type(NFT_MSG_NEWCHAIN), NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
    begin(new_chain);
    new_chain.put_string(NFTA_CHAIN_TABLE, table);
    new_chain.put_string(NFTA_CHAIN_NAME, kChain);
    new_chain.put_string(NFTA_CHAIN_TYPE, "filter");
    put_be32(new_chain, NFTA_CHAIN_POLICY, NF_DROP);
    nlattr* hook = new_chain.begin_nest(NFTA_CHAIN_HOOK);
    put_be32(new_chain, NFTA_HOOK_HOOKNUM, NF_NETDEV_INGRESS);
    put_be32(new_chain, NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(kBeforeAllOthers));
    new_chain.put_string(NFTA_HOOK_DEV, interface);
    new_chain.end_nest(hook);

    Batch batch(socket.next_sequence());
    batch.add(new_table);
    batch.add(new_chain);
    return batch.commit(socket, fmt::format("drop what {} receives by nftables table {}", interface, table));
}

}  // namespace

Result<IngressDrop> IngressDrop::install(const NetnsHandle& netns, const std::string& interface) {
    auto socket = NetlinkSocket::open(netns, NETLINK_NETFILTER);
    if (!socket) return tl::unexpected(std::move(socket.error()));
    const std::string table = "ringway-" + interface;
    Result<void> done = remove_stale_table(*socket, table);
    if (done) done = add_table(*socket, table, interface);
    if (!done) return tl::unexpected(std::move(done.error()));
    return IngressDrop(std::move(*socket));
}

}  // namespace ringway::control::host
