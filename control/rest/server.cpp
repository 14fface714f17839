#include "control/rest/server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "config/address.h"

namespace ringway::control::rest {
namespace {

constexpr int kBacklog = 1024;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

std::string read_token(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string token;
    if (!std::getline(in, token) || token.empty())
        throw std::runtime_error("rest.token_file: " + file.string() + " holds no token");
    return token;
}

/// The address as the kernel has it, and its size.
std::pair<sockaddr_storage, socklen_t> socket_address(const config::SocketAddress& at) {
    sockaddr_storage out{};
    if (at.address.family == config::Family::v4) {
        sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(at.port), .sin_addr = {}, .sin_zero = {}};
        std::memcpy(&v4.sin_addr, at.address.bytes.data(), sizeof(v4.sin_addr));
        std::memcpy(&out, &v4, sizeof(v4));
        return {out, sizeof(v4)};
    }
    sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(at.port)};
    std::memcpy(&v6.sin6_addr, at.address.bytes.data(), sizeof(v6.sin6_addr));
    std::memcpy(&out, &v6, sizeof(v6));
    return {out, sizeof(v6)};
}

FileDescriptor listen_at(const config::SocketAddress& at) {
    const auto [address, size] = socket_address(at);
    FileDescriptor socket(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    const bool listens = socket.is_open() &&
                         setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                         bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                         listen(socket.get(), kBacklog) == 0;
    if (listens) return socket;
    throw std::runtime_error("rest.listen: " + at.to_string() + " can't be bound: " + std::strerror(errno));
}

std::optional<TlsContext> tls_of(const config::Rest& rest) {
    if (rest.tls.certificate.empty()) return std::nullopt;
    return TlsContext(rest.tls);
}

}  // namespace

Guard guard_of(const config::Rest& rest) {
    Guard::Options options;
    if (!rest.token_file.empty()) options.token = read_token(rest.token_file);
    options.token_for_reads = !rest.listen->address.is_loopback();
    std::array<char, 256> name{};
    (void)gethostname(name.data(), name.size() - 1);
    options.hosts = {"localhost", lower(name.data())};
    return Guard(std::move(options));
}

Server::Server(const config::Rest& rest, const Api& api, Journal& journal)
    : workers_([&api](Request request) { return api.handle(std::move(request)); }, kWorkers),
      front_(listen_at(*rest.listen), tls_of(rest), workers_, journal),
      journal_(journal) {
    // A client that is gone is an error of a write, not a signal.
    (void)std::signal(SIGPIPE, SIG_IGN);
    journal_.set_wake(front_.wake_fd());
    thread_ = std::thread([this] { front_.run(); });
}

Server::~Server() {
    journal_.set_wake(-1);
    front_.stop();
    thread_.join();
}

}  // namespace ringway::control::rest
