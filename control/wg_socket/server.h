#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/wg_socket/connection.h"
#include "control/wg_socket/device.h"
#include "control/wg_socket/socket_file.h"

namespace ringway::control {

struct WgSocketOptions {
    /// Further clients wait until one of these is gone.
    std::size_t max_clients = 16;
    /// A client through which no byte has gone for so long is closed.
    std::chrono::nanoseconds client_timeout = std::chrono::seconds(30);
    WgRequestLimits limits;
};

/// The socket through which wg(8) configures one tunnel: /var/run/wireguard/NAME.sock.
///
/// Malformed or partial requests change nothing: WgDeviceControl::set is called only once a request
/// has come to its empty line and every line of it was good. A client may send one request after
/// another.
///
/// One thread, the owner's, makes all calls. Nothing blocks. The owner polls fd() for input, calls
/// process() when there is some, and once more at next_deadline().
class WgSocketServer {
  public:
    /// Listens at `path` (see SocketFile for its rules). `tunnel` is handed to `control`, which must
    /// outlive the server. The error says what failed.
    [[nodiscard]] static tl::expected<std::unique_ptr<WgSocketServer>, std::string> open(
        const std::filesystem::path& path, std::string tunnel, WgDeviceControl& control,
        WgSocketOptions options = {});

    /// Readable whenever process() has something to do, time-outs excepted.
    [[nodiscard]] int fd() const { return epoll_.get(); }
    /// Serves every client that is ready, a bounded amount each.
    void process(Nanoseconds now);
    /// When process() is due even if fd() stays silent.
    [[nodiscard]] std::optional<Nanoseconds> next_deadline() const;
    [[nodiscard]] std::size_t clients() const { return clients_.size(); }

  private:
    struct Client {
        Client(FileDescriptor socket, WgRequestLimits limits, Nanoseconds now)
            : connection(std::move(socket), limits, now) {}
        WgConnection connection;
        bool watched_for_writing = false;
    };

    WgSocketServer(SocketFile listener, FileDescriptor epoll, std::string tunnel, WgDeviceControl& control,
                   WgSocketOptions options);

    void accept_clients(Nanoseconds now);
    [[nodiscard]] bool accept_one(Nanoseconds now);
    void serve(Client& client, Nanoseconds now);
    void close(const Client& client);
    void close_silent_clients(Nanoseconds now);
    void watch_listener(Nanoseconds now);
    [[nodiscard]] bool watch(int operation, int fd, std::uint32_t events, Client* client);
    [[nodiscard]] Nanoseconds deadline_of(const Client& client) const;

    SocketFile listener_;
    FileDescriptor epoll_;
    std::string tunnel_;
    WgDeviceControl& control_;
    WgSocketOptions options_;
    std::vector<std::unique_ptr<Client>> clients_;
    bool accepting_ = true;
    std::optional<Nanoseconds> accept_again_at_;  ///< set while the process is out of descriptors
};

}  // namespace ringway::control
