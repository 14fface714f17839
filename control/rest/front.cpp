#include "control/rest/front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

namespace ringway::control::rest {
namespace {

constexpr std::uint64_t kListener = UINT64_MAX;
constexpr std::uint64_t kWake = UINT64_MAX - 1;
constexpr std::uint64_t kDone = UINT64_MAX - 2;
constexpr std::size_t kAcceptAtOnce = 64;
constexpr int kLookMilliseconds = 200;
constexpr Nanoseconds kLook = 200'000'000;
constexpr Nanoseconds kHandshakePatience = 5'000'000'000;
/// A handshake costs us more than a request.
constexpr double kTlsCost = 5;

Nanoseconds monotonic() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<Nanoseconds>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

ClientAddress address_of(const sockaddr_storage& from) {
    dataplane::IpAddress address;
    if (from.ss_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &from, sizeof(v4));
        address = dataplane::IpAddress::from_wire(dataplane::Family::v4, &v4.sin_addr);
    } else {
        sockaddr_in6 v6;
        std::memcpy(&v6, &from, sizeof(v6));
        address = dataplane::IpAddress::from_wire(dataplane::Family::v6, &v6.sin6_addr);
    }
    return ClientAddress(address);
}

FileDescriptor opened(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return FileDescriptor(fd);
}

}  // namespace

Front::Front(FileDescriptor listener, std::optional<TlsContext> tls, Workers& workers, const Journal& journal)
    : listener_(std::move(listener)),
      tls_(std::move(tls)),
      workers_(workers),
      journal_(journal),
      epoll_(opened(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(opened(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
    watch(listener_.get(), kListener);
    watch(wake_.get(), kWake);
    watch(workers_.fd(), kDone);
}

void Front::watch(int fd, Id id) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Front::stop() {
    stop_.store(true, std::memory_order_relaxed);
    const std::uint64_t one = 1;
    (void)!write(wake_.get(), &one, sizeof(one));
}

void Front::run() {
    std::array<epoll_event, 64> events;
    while (!stop_.load(std::memory_order_relaxed)) {
        const int count =
            epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), kLookMilliseconds);
        now_ = monotonic();
        for (int i = 0; i < count; ++i) {
            const Id id = events[static_cast<std::size_t>(i)].data.u64;
            const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
            if (id == kListener) {
                accept_clients();
            } else if (id == kWake) {
                wake_streams();
            } else if (id == kDone) {
                take_replies();
            } else if (const auto found = clients_.find(id); found != clients_.end()) {
                // Nobody to answer any more; one that has only finished speaking is still answered.
                const bool gone = (what & (EPOLLERR | EPOLLHUP)) != 0;
                const bool stays = !gone && go_on(id, *found->second);
                if (stays) {
                    update_interest(id, *found->second);
                } else {
                    drop(id);
                }
            }
        }
        if (now_ >= next_look_) look_at_deadlines();
    }
}

void Front::accept_clients() {
    for (std::size_t i = 0; i < kAcceptAtOnce; ++i) {
        sockaddr_storage from{};
        socklen_t size = sizeof(from);
        FileDescriptor socket(accept4(listener_.get(), reinterpret_cast<sockaddr*>(&from), &size,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket.is_open()) {
            welcome(std::move(socket), address_of(from));
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            // Until the next look: a listener that stays readable would keep us busy.
            accepting_ = false;
            (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_.get(), nullptr);
        }
        return;
    }
}

void Front::welcome(FileDescriptor socket, const ClientAddress& from) {
    if (tls_ && !limits_.take(from, kTlsCost, now_)) return;
    if (!make_room_for(from)) return;
    const int on = 1;
    (void)setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const Id id = ++next_id_;
    const int fd = socket.get();
    auto tls = tls_ ? tls_->session(fd) : nullptr;
    auto client = std::make_unique<Connection>(std::move(socket), std::move(tls), from, now_);
    client->deadline = now_ + kHandshakePatience;
    client->watched = EPOLLIN;
    epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return;
    limits_.connected(from, now_);
    clients_.emplace(id, std::move(client));
}

/// A newcomer is worth more than one that has not said what it wants.
bool Front::make_room_for(const ClientAddress& from) {
    if (limits_.connections(from) >= kMaxOfOneAddress && !evict_of(from)) return false;
    return clients_.size() < kMaxConnections || evict_of(limits_.busiest());
}

bool Front::evict_of(const ClientAddress& from) {
    Id longest = 0;
    Nanoseconds since = UINT64_MAX;
    for (const auto& [id, client] : clients_) {
        const bool is_idle = client->state == State::shaking_hands || client->state == State::reading ||
                             client->state == State::lingering;
        if (!is_idle || client->from != from || client->since >= since) continue;
        longest = id;
        since = client->since;
    }
    if (longest == 0) return false;
    drop(longest);
    return true;
}

void Front::drop(Id id) {
    const auto found = clients_.find(id);
    Connection& client = *found->second;
    release(client);
    if (client.cursor) --streams_;
    limits_.disconnected(client.from);
    clients_.erase(found);
}

void Front::look_at_deadlines() {
    next_look_ = now_ + kLook;
    if (!std::exchange(accepting_, true)) watch(listener_.get(), kListener);
    std::vector<Id> late;
    for (const auto& [id, client] : clients_) {
        if (client->deadline != 0 && now_ >= client->deadline) late.push_back(id);
    }
    for (const Id id : late) {
        Connection& client = *clients_.at(id);
        too_late(id, client) ? update_interest(id, client) : drop(id);
    }
    wake_streams();
}

void Front::update_interest(Id id, Connection& client) {
    std::uint32_t events = client.wants_to_write ? EPOLLOUT : EPOLLIN;
    if (client.state == State::handling) events = 0;
    if (client.state == State::lingering) events = EPOLLIN;
    if (client.state == State::streaming) events |= EPOLLIN;
    if (std::exchange(client.watched, events) == events) return;
    epoll_event event{.events = events, .data = {.u64 = id}};
    (void)epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client.fd(), &event);
}

}  // namespace ringway::control::rest
