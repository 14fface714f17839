#include "control/host/netlink_mirror.h"

#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "control/host/netlink_attributes.h"
#include "control/host/netlink_parse.h"

namespace ringway::control::host {

namespace {

constexpr std::size_t kReceiveBytes = 65536;
constexpr int kDatagramsPerCall = 64;

constexpr std::array kGroups = {RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
                                RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_NEIGH,
                                RTNLGRP_NEXTHOP};
/// By Kind.
constexpr std::array<std::uint16_t, 4> kListRequests = {RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH};

RouteGroup::Place place_of(std::uint16_t flags) {
    if ((flags & NLM_F_APPEND) != 0) return RouteGroup::Place::append;
    return (flags & NLM_F_REPLACE) != 0 ? RouteGroup::Place::replace : RouteGroup::Place::prepend;
}

/// How a map changes when a value comes or goes.
template <typename Key, typename Value>
auto change_of(const Key& key, const Value& value, bool gone) {
    return [&key, &value, gone](std::map<Key, Value>& map) {
        if (gone) {
            map.erase(key);
        } else {
            map.insert_or_assign(key, value);
        }
    };
}

Result<void> join_groups(NetlinkSocket& socket) {
    for (int group : kGroups) {
        if (::setsockopt(socket.fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) {
            return failure(errno, "listen to netlink group {}", group);
        }
    }
    return {};
}

/// Beyond the system's limit where we may, else up to it.
void set_receive_buffer(const NetlinkSocket& socket, int bytes) {
    if (::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
        ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
}

Result<NetlinkSocket> open_listening(const NetnsHandle& netns, int buffer_bytes) {
    auto socket = NetlinkSocket::open(netns, NETLINK_ROUTE, SOCK_NONBLOCK);
    if (!socket) return socket;
    set_receive_buffer(*socket, buffer_bytes);
    if (auto joined = join_groups(*socket); !joined) return tl::unexpected(std::move(joined.error()));
    return socket;
}

}  // namespace

NetlinkMirror::NetlinkMirror(NetlinkSocket socket, MirrorListener& listener, MirrorOptions options)
    : socket_(std::move(socket)), listener_(listener), options_(std::move(options)), buffer_(kReceiveBytes) {
    stale_.set();
}

Result<std::unique_ptr<NetlinkMirror>> NetlinkMirror::open(const NetnsHandle& netns, MirrorListener& listener,
                                                           MirrorOptions options) {
    // First listen, then ask: nothing falls between.
    auto socket = open_listening(netns, options.receive_buffer_bytes);
    if (!socket) return tl::unexpected(std::move(socket.error()));
    std::unique_ptr<NetlinkMirror> mirror(
        new NetlinkMirror(std::move(*socket), listener, std::move(options)));
    if (auto asked = mirror->load_next(); !asked) return tl::unexpected(std::move(asked.error()));
    return mirror;
}

Result<void> NetlinkMirror::reopen(const NetnsHandle& netns) {
    auto socket = open_listening(netns, options_.receive_buffer_bytes);
    if (!socket) return tl::unexpected(std::move(socket.error()));
    socket_ = std::move(*socket);
    loading_.reset();
    stale_.set();
    return load_next();
}

Result<void> NetlinkMirror::wait_until_synced(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!is_synced()) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd readable{.fd = fd(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) == 0) {
            return failure(ETIMEDOUT, "read the kernel's links, addresses, routes and neighbours");
        }
        if (auto done = process(); !done) return done;
    }
    return {};
}

Result<void> NetlinkMirror::process() {
    for (int i = 0; i < kDatagramsPerCall; ++i) {
        const ssize_t received = ::recv(fd(), buffer_.data(), buffer_.size(), 0);
        if (received >= 0) {
            if (auto done = take_datagram(static_cast<std::size_t>(received)); !done) return done;
        } else if (errno == ENOBUFS) {
            note_overrun();
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            return failure(errno, "receive from netlink");
        }
    }
    return load_next();
}

Result<void> NetlinkMirror::take_datagram(std::size_t bytes) {
    std::span<const std::uint8_t> left(buffer_.data(), bytes);
    while (const nlmsghdr* message = take_message(left)) {
        // A notification carries the port and sequence of whoever caused it; this socket causes none.
        const bool listed =
            loading_ && message->nlmsg_pid == socket_.port() && message->nlmsg_seq == load_sequence_;
        if (!listed) {
            apply(message, Source::notification);
        } else if (auto done = take_listed(message); !done) {
            return done;
        }
    }
    return {};
}

Result<void> NetlinkMirror::take_listed(const nlmsghdr* message) {
    load_spoiled_ = load_spoiled_ || (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (message->nlmsg_type == NLMSG_ERROR)
        return tl::unexpected(error_of(message, "list the kernel's tables"));
    if (message->nlmsg_type == NLMSG_DONE) {
        finish_load();
    } else {
        apply(message, Source::list);
    }
    return {};
}

Result<void> NetlinkMirror::load_next() {
    if (loading_ || stale_.none()) return {};
    std::size_t next = 0;
    while (!stale_[next])
        ++next;

    NetlinkRequest request(kListRequests.at(next), NLM_F_DUMP);
    request.header<rtgenmsg>();  // all families
    load_sequence_ = request.message()->nlmsg_seq = socket_.next_sequence();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(request.message());
    if (auto sent = socket_.send({bytes, request.message()->nlmsg_len}, "list the kernel's tables"); !sent)
        return sent;
    begin_load(static_cast<Kind>(next));
    return {};
}

void NetlinkMirror::begin_load(Kind kind) {
    loading_ = kind;
    load_spoiled_ = false;
    stale_.reset(static_cast<std::size_t>(kind));
    switch (kind) {
        case Kind::links:
            return links_.begin_load();
        case Kind::addresses:
            return addresses_.begin_load();
        case Kind::routes:
            return routes_.begin_load();
        case Kind::neighbours:
            return neighbours_.begin_load();
    }
}

void NetlinkMirror::finish_load() {
    const Kind kind = *loading_;
    loading_.reset();
    if (load_spoiled_) return mark_stale(kind);  // the next load begins afresh
    switch (kind) {
        case Kind::links:
            return links_.finish_load([this](auto* before, auto* after) { report_link(before, after); });
        case Kind::addresses:
            return addresses_.finish_load(
                [this](auto* before, auto* after) { report_address(before, after); });
        case Kind::routes:
            return routes_.finish_load([this](auto* before, auto* after) { report_route(before, after); });
        case Kind::neighbours:
            return neighbours_.finish_load(
                [this](auto* before, auto* after) { report_neighbour(before, after); });
    }
}

void NetlinkMirror::note_overrun() {
    ++overruns_;
    stale_.set();
    load_spoiled_ = true;
}

void NetlinkMirror::apply(const nlmsghdr* message, Source source) {
    switch (message->nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK:
            if (const auto link = parse_link(message))
                apply_link(*link, message->nlmsg_type == RTM_DELLINK, source);
            break;
        case RTM_NEWADDR:
        case RTM_DELADDR:
            if (const auto address = parse_address(message)) {
                apply_address(*address, message->nlmsg_type == RTM_DELADDR, source);
            }
            break;
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
            if (const auto route = parse_route(message)) apply_route(*route, message, source);
            break;
        case RTM_NEWNEIGH:
        case RTM_DELNEIGH:
            if (const auto neighbour = parse_neighbour(message)) {
                apply_neighbour(*neighbour, message->nlmsg_type == RTM_DELNEIGH, source);
            }
            break;
        case RTM_NEWNEXTHOP:
        case RTM_DELNEXTHOP:
            mark_stale(Kind::routes);  // IPv4 routes go with it, in silence
            break;
        default:
            break;
    }
}

void NetlinkMirror::apply_link(const Link& link, bool gone, Source source) {
    const auto change = change_of(link.index, link, gone);
    if (source == Source::list) return links_.load(change);
    links_.notify(link.index, change, [this](auto* before, auto* after) { report_link(before, after); });
}

void NetlinkMirror::apply_address(const Address& address, bool gone, Source source) {
    const AddressKey key{address.interface, {address.local, address.subnet.length}};
    const auto change = change_of(key, address, gone);
    if (source == Source::list) return addresses_.load(change);
    addresses_.notify(key, change, [this](auto* before, auto* after) { report_address(before, after); });
}

void NetlinkMirror::apply_route(const Route& route, const nlmsghdr* message, Source source) {
    if (std::ranges::find(options_.tables, route.table) == options_.tables.end()) return;
    const RouteKey key{route.table, route.prefix};
    if (source == Source::list) {
        return routes_.load([&](auto& map) { map[key].add(route, RouteGroup::Place::append); });
    }
    const auto change = [&](auto& map) {
        if (message->nlmsg_type == RTM_NEWROUTE) return map[key].add(route, place_of(message->nlmsg_flags));
        const auto group = map.find(key);
        if (group == map.end()) return;
        if (!group->second.remove(route)) mark_stale(Kind::routes);
        if (group->second.empty()) map.erase(group);
    };
    routes_.notify(key, change, [this](auto* before, auto* after) { report_route(before, after); });
}

void NetlinkMirror::apply_neighbour(const Neighbour& neighbour, bool gone, Source source) {
    const NeighbourKey key{neighbour.interface, neighbour.address};
    const auto change = change_of(key, neighbour, gone);
    if (source == Source::list) return neighbours_.load(change);
    bool told = false;
    neighbours_.notify(key, change, [&](auto* before, auto* after) {
        report_neighbour(before, after);
        told = true;
    });
    // It failed once more: whoever asked again waits for that.
    if (!told && !gone && neighbour.state == NeighbourState::failed) listener_.neighbour(neighbour);
}

void NetlinkMirror::report_link(const Link* before, const Link* after) {
    // Routes die and come back with their links, most of them in silence.
    const bool was_running = before != nullptr && before->up && before->running;
    const bool is_running = after != nullptr && after->up && after->running;
    if (before != nullptr && was_running != is_running) mark_stale(Kind::routes);
    if (after != nullptr) return listener_.link(*after);
    if (before != nullptr) listener_.link_gone(*before);
}

void NetlinkMirror::report_address(const Address* before, const Address* after) {
    if (after != nullptr) return listener_.address(*after);
    // IPv4 routes with this preferred source went with it, in silence.
    if (before->local.family == Family::v4) mark_stale(Kind::routes);
    listener_.address_gone(*before);
}

void NetlinkMirror::report_route(const RouteGroup* before, const RouteGroup* after) {
    const auto old = before != nullptr ? before->selected() : std::nullopt;
    const auto now = after != nullptr ? after->selected() : std::nullopt;
    if (old == now) return;
    if (now) return listener_.route(*now);
    listener_.route_gone(*old);
}

void NetlinkMirror::report_neighbour(const Neighbour* before, const Neighbour* after) {
    if (after != nullptr) return listener_.neighbour(*after);
    listener_.neighbour_gone(*before);
}

}  // namespace ringway::control::host
