#include "control/host/forwarding_ruleset.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <fstream>

#include "control/host/netlink_attributes.h"
#include "control/host/netlink_socket.h"

namespace ringway::control::host {

namespace {

bool is_forward_chain(const nlmsghdr* message) {
    const auto* header = fixed_header<nfgenmsg>(message);
    if (header == nullptr) return false;
    const auto family = header->nfgen_family;
    if (family != NFPROTO_INET && family != NFPROTO_IPV4 && family != NFPROTO_IPV6) return false;
    const NetlinkAttributes<NFTA_CHAIN_MAX> chain(message, sizeof *header);
    const NetlinkAttributes<NFTA_HOOK_MAX> hook(chain.bytes(NFTA_CHAIN_HOOK));
    return hook.value<std::uint32_t>(NFTA_HOOK_HOOKNUM) == htonl(NF_INET_FORWARD);
}

Result<bool> has_forward_chain(const NetnsHandle& netns) {
    auto socket = NetlinkSocket::open(netns, NETLINK_NETFILTER);
    if (!socket && socket.error().code == EPROTONOSUPPORT) return false;  // a kernel without netfilter
    if (!socket) return tl::unexpected(std::move(socket.error()));
    NetlinkRequest request((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETCHAIN, NLM_F_DUMP);
    request.header<nfgenmsg>().nfgen_family = NFPROTO_UNSPEC;
    bool found = false;
    auto done = socket->dump(request.message(), "list the nftables chains",
                             [&](const nlmsghdr* message) { found = found || is_forward_chain(message); });
    if (!done && done.error().code != EINVAL && done.error().code != EINTR) {
        return tl::unexpected(std::move(done.error()));
    }
    return found;
}

/// The tables that the old iptables modules hold in the calling thread's namespace.
bool has_legacy_filter_table() {
    for (const char* path :
         {"/proc/thread-self/net/ip_tables_names", "/proc/thread-self/net/ip6_tables_names"}) {
        std::ifstream names(path);
        for (std::string name; std::getline(names, name);) {
            if (name == "filter") return true;
        }
    }
    return false;
}

}  // namespace

Result<bool> has_forwarding_ruleset(const NetnsHandle& netns) {
    auto found = has_forward_chain(netns);
    if (!found || *found) return found;
    return with_netns(netns, []() -> Result<bool> { return has_legacy_filter_table(); });
}

}  // namespace ringway::control::host
