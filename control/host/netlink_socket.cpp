#include "control/host/netlink_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "control/host/netlink_attributes.h"

namespace ringway::control::host {

namespace {

/// The largest piece of a list that the kernel makes when the reader offers the room.
constexpr std::size_t kReceiveBytes = 32768;
/// The kernel's MAX_ERRNO.
constexpr int kMaxErrno = 4095;

}  // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr* header = mnl_nlmsg_put_header(buffer_.data());
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
}

void NetlinkRequest::put(std::uint16_t type, std::span<const std::uint8_t> value) {
    mnl_attr_put(message(), type, value.size(), value.data());
}

void NetlinkRequest::put_u8(std::uint16_t type, std::uint8_t value) {
    mnl_attr_put_u8(message(), type, value);
}

void NetlinkRequest::put_u32(std::uint16_t type, std::uint32_t value) {
    mnl_attr_put_u32(message(), type, value);
}

void NetlinkRequest::put_string(std::uint16_t type, const std::string& value) {
    mnl_attr_put_strz(message(), type, value.c_str());
}

Result<NetlinkSocket> NetlinkSocket::open(const NetnsHandle& netns, int protocol, int flags) {
    return with_netns(netns, [&]() -> Result<NetlinkSocket> {
        std::unique_ptr<mnl_socket, Close> socket(mnl_socket_open2(protocol, SOCK_CLOEXEC | flags));
        if (!socket) return failure(errno, "open a netlink socket in {}", netns.describe());
        if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) {
            return failure(errno, "bind a netlink socket in {}", netns.describe());
        }
        // Errors come with the kernel's own words and without a copy of the request.
        for (const auto option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK}) {
            int on = 1;
            if (mnl_socket_setsockopt(socket.get(), option, &on, sizeof on) != 0) {
                return failure(errno, "set up a netlink socket in {}", netns.describe());
            }
        }
        return NetlinkSocket(std::move(socket));
    });
}

Result<void> NetlinkSocket::send(std::span<const std::uint8_t> messages, std::string_view attempted) {
    if (mnl_socket_sendto(socket_.get(), messages.data(), messages.size()) < 0)
        return failure(errno, "{}", attempted);
    return {};
}

Result<void> NetlinkSocket::transact(nlmsghdr* request, std::string_view attempted) {
    request->nlmsg_flags |= NLM_F_ACK;
    return dump(request, attempted, [](const nlmsghdr*) {});
}

Result<void> NetlinkSocket::dump(nlmsghdr* request, std::string_view attempted,
                                 const std::function<void(const nlmsghdr*)>& each) {
    request->nlmsg_seq = next_sequence();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(request);
    if (auto sent = send({bytes, request->nlmsg_len}, attempted); !sent) return sent;
    return await(request->nlmsg_seq, attempted, each);
}

Result<void> NetlinkSocket::await(std::uint32_t sequence, std::string_view attempted,
                                  const std::function<void(const nlmsghdr*)>& each) {
    std::vector<std::uint8_t> buffer(kReceiveBytes);
    bool interrupted = false;
    while (true) {
        const auto received = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) return failure(errno, "{}", attempted);

        std::span<const std::uint8_t> left(buffer.data(), static_cast<std::size_t>(received));
        while (const nlmsghdr* message = take_message(left)) {
            // What an earlier request left behind after its error is not ours.
            if (message->nlmsg_seq != sequence) continue;
            interrupted = interrupted || (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
            if (message->nlmsg_type == NLMSG_ERROR) {
                HostError error = error_of(message, attempted);
                if (error.code != 0) return tl::unexpected(std::move(error));
                return {};
            }
            if (message->nlmsg_type == NLMSG_DONE) {
                if (interrupted) return failure(EINTR, "{}", attempted);
                return {};
            }
            each(message);
        }
    }
}

HostError error_of(const nlmsghdr* message, std::string_view attempted) {
    HostError error{std::string(attempted), EPROTO, {}};
    if (mnl_nlmsg_get_payload_len(message) < sizeof(nlmsgerr)) return error;
    const auto* verdict = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
    if (verdict->error > 0 || verdict->error < -kMaxErrno) return error;
    error.code = -verdict->error;
    if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return error;

    std::size_t offset = sizeof(nlmsgerr);
    if ((message->nlmsg_flags & NLM_F_CAPPED) == 0) offset += mnl_nlmsg_get_payload_len(&verdict->msg);
    error.detail = NetlinkAttributes<NLMSGERR_ATTR_MAX>(message, offset).string(NLMSGERR_ATTR_MSG);
    return error;
}

}  // namespace ringway::control::host
