#include "control/host/interface_snapshot.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>

#include "control/host/netlink_attributes.h"

namespace ringway::control::host {

namespace {

using Message = std::vector<std::uint8_t>;

nlmsghdr* header_of(Message& message) {
    return reinterpret_cast<nlmsghdr*>(message.data());
}

Message copy_of(const nlmsghdr* message) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(message);
    return {bytes, bytes + message->nlmsg_len};
}

bool is_wanted_address(const nlmsghdr* message, InterfaceIndex interface) {
    const auto* header = fixed_header<ifaddrmsg>(message);
    if (header == nullptr || header->ifa_index != interface) return false;
    // The kernel makes temporary IPv6 addresses itself.
    return header->ifa_family != AF_INET6 || (header->ifa_flags & IFA_F_TEMPORARY) == 0;
}

bool is_wanted_route(const nlmsghdr* message, InterfaceIndex interface) {
    const auto* header = fixed_header<rtmsg>(message);
    if (header == nullptr || (header->rtm_flags & RTM_F_CLONED) != 0) return false;
    if (header->rtm_protocol == RTPROT_KERNEL || header->rtm_protocol == RTPROT_RA) return false;
    const NetlinkAttributes<RTA_MAX> attributes(message, sizeof *header);
    return attributes.u32(RTA_OIF) == interface && !attributes.has(RTA_MULTIPATH);
}

bool has_gateway(const Message& message) {
    const auto* header = reinterpret_cast<const nlmsghdr*>(message.data());
    const NetlinkAttributes<RTA_MAX> attributes(header, sizeof(rtmsg));
    return attributes.has(RTA_GATEWAY) || attributes.has(RTA_VIA);
}

/// What the kernel tells of a route's state it does not take back as a wish.
void clear_state_flags(Message& message) {
    static_cast<rtmsg*>(mnl_nlmsg_get_payload(header_of(message)))->rtm_flags &= RTNH_F_ONLINK;
}

Result<void> list(NetlinkSocket& socket, std::uint16_t type,
                  const std::function<void(const nlmsghdr*)>& each) {
    NetlinkRequest request(type, NLM_F_DUMP);
    request.header<rtgenmsg>();
    return socket.dump(request.message(), "list addresses and routes", each);
}

Result<void> replay(NetlinkSocket& socket, Message message, std::uint16_t type, std::uint16_t flags,
                    std::string_view attempted) {
    header_of(message)->nlmsg_type = type;
    header_of(message)->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header_of(message)->nlmsg_pid = 0;
    return socket.transact(header_of(message), attempted);
}

bool is_gone_already(const HostError& error) {
    return error.code == ESRCH || error.code == EADDRNOTAVAIL || error.code == ENOENT;
}

}  // namespace

Result<InterfaceSnapshot> InterfaceSnapshot::take(NetlinkSocket& socket, InterfaceIndex interface) {
    InterfaceSnapshot snapshot;
    auto listed = list(socket, RTM_GETADDR, [&](const nlmsghdr* message) {
        if (is_wanted_address(message, interface)) snapshot.addresses_.push_back(copy_of(message));
    });
    if (listed) {
        listed = list(socket, RTM_GETROUTE, [&](const nlmsghdr* message) {
            if (is_wanted_route(message, interface)) snapshot.routes_.push_back(copy_of(message));
        });
    }
    if (!listed) return tl::unexpected(std::move(listed.error()));
    std::ranges::for_each(snapshot.routes_, clear_state_flags);
    std::stable_partition(snapshot.routes_.begin(), snapshot.routes_.end(),
                          [](const Message& route) { return !has_gateway(route); });
    return snapshot;
}

Result<void> InterfaceSnapshot::remove(NetlinkSocket& socket) {
    for (const Message& route : routes_) {
        auto done = replay(socket, route, RTM_DELROUTE, 0, "remove a route");
        if (!done && !is_gone_already(done.error())) return done;
    }
    for (const Message& address : addresses_) {
        auto done = replay(socket, address, RTM_DELADDR, 0, "remove an address");
        if (!done && !is_gone_already(done.error())) return done;
    }
    return {};
}

std::vector<HostError> InterfaceSnapshot::restore(NetlinkSocket& socket) {
    std::vector<HostError> errors;
    const auto put_back = [&](const Message& message, std::uint16_t type, std::string_view attempted) {
        auto done = replay(socket, message, type, NLM_F_CREATE | NLM_F_EXCL, attempted);
        if (!done && done.error().code != EEXIST) errors.push_back(std::move(done.error()));
    };
    for (const Message& address : addresses_)
        put_back(address, RTM_NEWADDR, "put back an address");
    for (const Message& route : routes_)
        put_back(route, RTM_NEWROUTE, "put back a route");
    return errors;
}

}  // namespace ringway::control::host
