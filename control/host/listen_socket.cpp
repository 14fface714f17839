#include "control/host/listen_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ringway::control::host {

namespace {

/// What differs between the families in the socket interface.
struct SocketFamily {
    int domain;
    int level;
    std::array<int, 2> wanted;  ///< options that have every datagram's destination and traffic class told
};

SocketFamily socket_family(Family family) {
    if (family == Family::v4) return {AF_INET, IPPROTO_IP, {IP_PKTINFO, IP_RECVTOS}};
    return {AF_INET6, IPPROTO_IPV6, {IPV6_RECVPKTINFO, IPV6_RECVTCLASS}};
}

union SocketAddress {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

SocketAddress any_address(Family family, std::uint16_t port) {
    SocketAddress address{};
    if (family == Family::v4) {
        address.v4 = {
            .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {INADDR_ANY}, .sin_zero = {}};
    } else {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons(port);
    }
    return address;
}

std::uint16_t port_of(const SocketAddress& address) {
    return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

IpAddress address_of(const SocketAddress& address) {
    if (address.any.sa_family == AF_INET) return IpAddress::from_wire(Family::v4, &address.v4.sin_addr);
    return IpAddress::from_wire(Family::v6, &address.v6.sin6_addr);
}

template <typename Value>
Value value_of(const cmsghdr* control) {
    Value value{};
    std::memcpy(&value, CMSG_DATA(control), sizeof value);
    return value;
}

void read_control(const cmsghdr* control, Datagram& datagram) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
        const auto info = value_of<in_pktinfo>(control);
        datagram.destination = IpAddress::from_wire(Family::v4, &info.ipi_addr);
        datagram.interface = static_cast<InterfaceIndex>(info.ipi_ifindex);
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
        const auto info = value_of<in6_pktinfo>(control);
        datagram.destination = IpAddress::from_wire(Family::v6, &info.ipi6_addr);
        datagram.interface = info.ipi6_ifindex;
    } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TOS) {
        datagram.traffic_class = value_of<std::uint8_t>(control);
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_TCLASS) {
        datagram.traffic_class = static_cast<std::uint8_t>(value_of<int>(control));
    }
}

Result<void> bind_socket(int fd, const SocketFamily& kind, const SocketAddress& address) {
    const int on = 1;
    for (const int option : kind.wanted) {
        if (::setsockopt(fd, kind.level, option, &on, sizeof on) != 0)
            return failure(errno, "set up a UDP socket");
    }
    if (kind.domain == AF_INET6 && ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
        return failure(errno, "set up a UDP socket");
    }
    if (::bind(fd, &address.any, sizeof address) != 0) {
        return failure(errno, "listen on UDP port {} of IPv{}", port_of(address),
                       kind.domain == AF_INET ? 4 : 6);
    }
    return {};
}

}  // namespace

Result<ListenSocket> ListenSocket::open(const NetnsHandle& netns, Family family, std::uint16_t port) {
    const SocketFamily kind = socket_family(family);
    auto fd = with_netns(netns, [&]() -> Result<FileDescriptor> {
        FileDescriptor socket(::socket(kind.domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket.is_open()) return failure(errno, "make a UDP socket in {}", netns.describe());
        return socket;
    });
    if (!fd) return tl::unexpected(std::move(fd.error()));
    if (auto bound = bind_socket(fd->get(), kind, any_address(family, port)); !bound) {
        return tl::unexpected(std::move(bound.error()));
    }
    SocketAddress bound{};
    socklen_t length = sizeof bound;
    if (::getsockname(fd->get(), &bound.any, &length) != 0)
        return failure(errno, "read back UDP port {}", port);
    return ListenSocket(std::move(*fd), family, port_of(bound));
}

Result<std::optional<Datagram>> ListenSocket::receive(std::span<std::uint8_t> buffer) {
    SocketAddress source{};
    iovec data{.iov_base = buffer.data(), .iov_len = buffer.size()};
    alignas(cmsghdr) std::array<std::uint8_t, 128> control{};
    while (true) {
        msghdr message{};
        message.msg_name = &source;
        message.msg_namelen = sizeof source;
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t received = ::recvmsg(fd_.get(), &message, 0);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0 && errno == EAGAIN) return std::nullopt;
        if (received < 0) return failure(errno, "receive on UDP port {}", port_);
        if ((message.msg_flags & MSG_TRUNC) != 0) continue;

        Datagram datagram{.payload = buffer.first(static_cast<std::size_t>(received)),
                          .source = address_of(source),
                          .source_port = port_of(source)};
        for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
            read_control(each, datagram);
        }
        return datagram;
    }
}

}  // namespace ringway::control::host
