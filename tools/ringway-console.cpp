// The operator's console of a running gateway, through its Unix socket: on a terminal with completion and
// history, which the gateway provides; for scripts with -c or lines on standard input.

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "control/console/terminal.h"
#include "control/console/terminal_size.h"
#include "control/file_descriptor.h"
#include "control/write_all.h"

namespace {

using namespace ringway::control;

enum Status : int { kAccepted = 0, kRefused = 1, kNoGateway = 2 };

constexpr std::size_t kBuffer = 65536;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

FileDescriptor connect_to(const std::string& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (path.size() >= sizeof(address.sun_path)) throw std::runtime_error(path + ": the name is too long");
    path.copy(static_cast<char*>(address.sun_path), path.size());
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) fail("socket");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        fail("cannot reach a gateway at " + path);
    return socket;
}

void send_all(int fd, std::string_view text) {
    if (!write_all(fd, text)) fail("the gateway is gone");
}

/// What the other side has sent, or nothing at the end.
std::string_view receive(int fd, std::array<char, kBuffer>& buffer) {
    ssize_t count = 0;
    do {
        count = ::read(fd, buffer.data(), buffer.size());
    } while (count < 0 && errno == EINTR);
    return {buffer.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
}

/// Commands in, answers out: session.h of control/console/ says how they travel.
class Script {
  public:
    explicit Script(int socket) : socket_(socket) { send_all(socket_, std::string_view("\0", 1)); }

    /// Prints the answer; true if the gateway accepted the command, nothing if it has closed this console.
    [[nodiscard]] std::optional<bool> run(const std::string& line) {
        if (closed_) return std::nullopt;
        send_all(socket_, line + "\n");
        while (true) {
            const auto end = pending_.find('\0');
            if (end == std::string::npos || pending_.size() < end + kTrailer) {
                print(end);
                const std::string_view more = receive(socket_, buffer_);
                if (more.empty()) throw std::runtime_error("the gateway has closed the connection");
                pending_ += more;
                continue;
            }
            const bool accepted = pending_[end + 1] == '1';
            print(end);
            pending_.erase(0, kTrailer);
            closed_ = line.find("quit") != std::string::npos && is_closed();
            return accepted;
        }
    }

  private:
    static constexpr std::size_t kTrailer = 3;  ///< zero, status, line feed

    /// What has come of the answer, up to its end if that has come too.
    void print(std::size_t end) {
        const std::size_t length = std::min(end, pending_.size());
        if (!write_all(STDOUT_FILENO, std::string_view(pending_).substr(0, length))) fail("cannot write");
        pending_.erase(0, length);
    }
    [[nodiscard]] bool is_closed() const {
        pollfd set{socket_, POLLIN, 0};
        constexpr int kPatience = 1000;
        return ::poll(&set, 1, kPatience) > 0;
    }

    int socket_;
    std::string pending_;
    std::array<char, kBuffer> buffer_{};
    bool closed_ = false;
};

Status run_script(int socket, const std::vector<std::string>& commands) {
    Script script(socket);
    Status status = kAccepted;
    for (const std::string& command : commands) {
        const auto accepted = script.run(command);
        if (!accepted) break;
        if (!*accepted) status = kRefused;
    }
    return status;
}

Status run_input(int socket) {
    Script script(socket);
    Status status = kAccepted;
    for (std::string line; std::getline(std::cin, line);) {
        const auto accepted = script.run(line);
        if (!accepted) break;
        if (!*accepted) status = kRefused;
    }
    return status;
}

int open_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGWINCH})
        sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int next_signal(int signals) {
    signalfd_siginfo info{};
    return ::read(signals, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))
               ? static_cast<int>(info.ssi_signo)
               : 0;
}

std::string size_of_terminal() {
    winsize size{};
    (void)::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return console::terminal_size_report(size.ws_row, size.ws_col == 0 ? 80 : size.ws_col);
}

/// Keys go there, what the gateway makes of them comes back.
Status run_terminal(int socket) {
    const FileDescriptor signals(open_signals());
    const console::RawTerminal raw(STDIN_FILENO, console::RawTerminal::Signals::keys);
    send_all(socket, size_of_terminal());
    std::array<char, kBuffer> buffer{};
    while (true) {
        std::array<pollfd, 3> set{pollfd{socket, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0},
                                  pollfd{signals.get(), POLLIN, 0}};
        if (::poll(set.data(), set.size(), -1) < 0 && errno != EINTR) fail("poll");
        if (set[2].revents != 0) {
            if (next_signal(signals.get()) != SIGWINCH) return kAccepted;
            send_all(socket, size_of_terminal());
        }
        if (set[0].revents != 0) {
            const std::string_view shown = receive(socket, buffer);
            if (shown.empty() || !write_all(STDOUT_FILENO, shown)) return kAccepted;
        }
        if (set[1].revents != 0) {
            const std::string_view keys = receive(STDIN_FILENO, buffer);
            // A key that comes after `quit` finds nobody.
            if (keys.empty() || !write_all(socket, keys)) return kAccepted;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The console of a running Ringway gateway");
    std::string socket = "/run/ringway/console.sock";
    std::vector<std::string> commands;
    app.add_option("--socket", socket, "the gateway's console.socket")
        ->capture_default_str()
        ->type_name("PATH");
    app.add_option("-c,--command", commands, "a command to run instead; may be given several times")
        ->type_name("COMMAND")
        ->expected(1)
        ->take_all();
    app.footer(
        "Without -c: a terminal, or the lines of standard input.\n"
        "Status: 0 all commands were accepted, 1 one was refused, 2 there is no gateway.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kAccepted : kNoGateway;
    }
    ::signal(SIGPIPE, SIG_IGN);
    try {
        const FileDescriptor gateway = connect_to(socket);
        if (!commands.empty()) return run_script(gateway.get(), commands);
        const bool terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
        return terminal ? run_terminal(gateway.get()) : run_input(gateway.get());
    } catch (const std::exception& error) {
        fmt::print(stderr, "ringway-console: {}\n", error.what());
        return kNoGateway;
    }
}
