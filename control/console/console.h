#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "control/console/desk.h"
#include "control/console/session.h"
#include "control/file_descriptor.h"
#include "control/log/log.h"
#include "control/wg_socket/socket_file.h"

namespace ringway::control::console {

/// The operator's consoles: one on standard input, and those of the Unix socket, each on a thread of its
/// own. None of them can hold up another, or the control thread.
class Console {
  public:
    /// Further clients of the socket are told so and sent away.
    static constexpr std::size_t kMaxClients = 16;

    struct Options {
        bool stdio = false;            ///< serve standard input, if it is a terminal or a pipe
        std::filesystem::path socket;  ///< empty: none
        std::function<void()> stop;    ///< `quit` on standard input; on that console's thread
    };

    /// Begins to serve. `desk` must outlive it. Throws std::runtime_error saying why it can't listen.
    Console(const Options& options, Desk& desk, const Logger& logger);
    /// Ends all consoles. Whoever waits for the control thread must have been let go before.
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

  private:
    struct Client {
        FileDescriptor socket;
        std::atomic<bool> ended{false};
        std::thread thread;
    };

    void serve_stdio(bool terminal, const std::function<void()>& stop);
    void accept_clients();
    void accept_client();
    void serve_client(Client& client);
    [[nodiscard]] Completer completer();

    Desk& desk_;
    Logger logger_;
    FileDescriptor stop_;  ///< readable once the consoles are to end
    std::optional<SocketFile> listener_;
    std::list<Client> clients_;  ///< the acceptor's
    std::thread acceptor_;
    std::thread stdio_;
};

}  // namespace ringway::control::console
