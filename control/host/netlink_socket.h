#pragma once

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "control/host/error.h"
#include "control/host/netns.h"
#include "control/host/types.h"

namespace ringway::control::host {

/// A netlink request under construction, in a buffer of its own.
class NetlinkRequest {
  public:
    NetlinkRequest(std::uint16_t type, std::uint16_t flags);
    NetlinkRequest(const NetlinkRequest&) = delete;
    NetlinkRequest& operator=(const NetlinkRequest&) = delete;

    /// The fixed header (ifinfomsg, rtmsg...), zeroed. Once, and before any attribute.
    template <typename Header>
    Header& header() {
        return *static_cast<Header*>(mnl_nlmsg_put_extra_header(message(), sizeof(Header)));
    }
    void put(std::uint16_t type, std::span<const std::uint8_t> value);
    void put_u8(std::uint16_t type, std::uint8_t value);
    void put_u32(std::uint16_t type, std::uint32_t value);
    void put_string(std::uint16_t type, const std::string& value);
    void put_address(std::uint16_t type, const IpAddress& value) { put(type, value.wire()); }
    [[nodiscard]] nlattr* begin_nest(std::uint16_t type) { return mnl_attr_nest_start(message(), type); }
    void end_nest(nlattr* nest) { mnl_attr_nest_end(message(), nest); }

    [[nodiscard]] nlmsghdr* message() { return reinterpret_cast<nlmsghdr*>(buffer_.data()); }

  private:
    alignas(nlmsghdr) std::array<std::uint8_t, 2048> buffer_{};
};

/// A netlink socket of one namespace. One thread at a time.
class NetlinkSocket {
  public:
    /// `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER. `flags`: SOCK_NONBLOCK or 0.
    [[nodiscard]] static Result<NetlinkSocket> open(const NetnsHandle& netns, int protocol, int flags = 0);

    [[nodiscard]] int fd() const { return mnl_socket_get_fd(socket_.get()); }
    [[nodiscard]] unsigned port() const { return mnl_socket_get_portid(socket_.get()); }
    /// A number that answers to the next request will carry.
    [[nodiscard]] std::uint32_t next_sequence() { return ++sequence_; }

    /// Sends messages as they are, in one datagram.
    [[nodiscard]] Result<void> send(std::span<const std::uint8_t> messages, std::string_view attempted);
    /// Sends a request and waits for the kernel's verdict, which it gives at once.
    [[nodiscard]] Result<void> transact(nlmsghdr* request, std::string_view attempted);
    /// Sends a request for a list and hands over every message of it. A list that changed under way
    /// is an EINTR.
    [[nodiscard]] Result<void> dump(nlmsghdr* request, std::string_view attempted,
                                    const std::function<void(const nlmsghdr*)>& each);
    /// Waits for the answers to `sequence` until an acknowledgement or an end of list.
    [[nodiscard]] Result<void> await(std::uint32_t sequence, std::string_view attempted,
                                     const std::function<void(const nlmsghdr*)>& each);

  private:
    struct Close {
        void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
    };
    explicit NetlinkSocket(std::unique_ptr<mnl_socket, Close> socket) : socket_(std::move(socket)) {}

    std::unique_ptr<mnl_socket, Close> socket_;
    std::uint32_t sequence_ = 0;
};

/// The error that an NLMSG_ERROR message carries; its code is zero for an acknowledgement, and EPROTO for
/// what is neither.
[[nodiscard]] HostError error_of(const nlmsghdr* message, std::string_view attempted);

}  // namespace ringway::control::host
