#include "control/wg_socket/server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace ringway::control {
namespace {

constexpr std::size_t kEventsPerCall = 32;
constexpr Nanoseconds kAcceptPause = 1'000'000'000;

}  // namespace

tl::expected<std::unique_ptr<WgSocketServer>, std::string> WgSocketServer::open(
    const std::filesystem::path& path, std::string tunnel, WgDeviceControl& control,
    WgSocketOptions options) {
    auto listener = SocketFile::listen(path);
    if (!listener) return tl::unexpected(listener.error());
    FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
    std::unique_ptr<WgSocketServer> server(
        new WgSocketServer(std::move(*listener), std::move(epoll), std::move(tunnel), control, options));
    if (!server->epoll_.is_open() ||
        !server->watch(EPOLL_CTL_ADD, server->listener_.fd(), EPOLLIN, nullptr)) {
        return tl::unexpected(path.string() + ": cannot poll: " + std::strerror(errno));
    }
    return server;
}

WgSocketServer::WgSocketServer(SocketFile listener, FileDescriptor epoll, std::string tunnel,
                               WgDeviceControl& control, WgSocketOptions options)
    : listener_(std::move(listener)),
      epoll_(std::move(epoll)),
      tunnel_(std::move(tunnel)),
      control_(control),
      options_(options) {}

void WgSocketServer::process(Nanoseconds now) {
    std::array<epoll_event, kEventsPerCall> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    // A client comes up at most once in a batch, so closing one leaves no stale pointer behind.
    for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
        if (event.data.ptr == nullptr) {
            accept_clients(now);
        } else {
            serve(*static_cast<Client*>(event.data.ptr), now);
        }
    }
    close_silent_clients(now);
    watch_listener(now);
}

void WgSocketServer::accept_clients(Nanoseconds now) {
    while (clients_.size() < options_.max_clients && accept_one(now)) {
    }
}

bool WgSocketServer::accept_one(Nanoseconds now) {
    FileDescriptor socket(::accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) {
        // The client stays in the backlog, and the listener readable: look away for a while.
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) accept_again_at_ = now + kAcceptPause;
        return false;
    }
    auto client = std::make_unique<Client>(std::move(socket), options_.limits, now);
    if (!watch(EPOLL_CTL_ADD, client->connection.fd(), EPOLLIN, client.get())) return false;
    clients_.push_back(std::move(client));
    return true;
}

void WgSocketServer::serve(Client& client, Nanoseconds now) {
    if (!client.connection.serve(tunnel_, control_, now)) return close(client);
    const bool to_write = client.connection.waits_to_write();
    if (to_write == client.watched_for_writing) return;
    client.watched_for_writing = to_write;
    if (!watch(EPOLL_CTL_MOD, client.connection.fd(), to_write ? EPOLLOUT : EPOLLIN, &client)) close(client);
}

void WgSocketServer::close(const Client& client) {
    std::erase_if(clients_, [&](const auto& held) { return held.get() == &client; });
}

void WgSocketServer::close_silent_clients(Nanoseconds now) {
    std::erase_if(clients_, [&](const auto& client) { return deadline_of(*client) <= now; });
}

void WgSocketServer::watch_listener(Nanoseconds now) {
    if (accept_again_at_ && *accept_again_at_ <= now) accept_again_at_.reset();
    const bool accepting = !accept_again_at_ && clients_.size() < options_.max_clients;
    if (accepting == accepting_) return;
    if (watch(EPOLL_CTL_MOD, listener_.fd(), accepting ? EPOLLIN : 0U, nullptr)) accepting_ = accepting;
}

bool WgSocketServer::watch(int operation, int fd, std::uint32_t events, Client* client) {
    epoll_event event{.events = events, .data = {.ptr = client}};
    return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

Nanoseconds WgSocketServer::deadline_of(const Client& client) const {
    return client.connection.last_progress() + static_cast<Nanoseconds>(options_.client_timeout.count());
}

std::optional<Nanoseconds> WgSocketServer::next_deadline() const {
    std::optional<Nanoseconds> earliest = accept_again_at_;
    for (const auto& client : clients_) {
        const Nanoseconds deadline = deadline_of(*client);
        earliest = std::min(earliest.value_or(deadline), deadline);
    }
    return earliest;
}

}  // namespace ringway::control
