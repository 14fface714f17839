#include "control/console/console.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "control/console/terminal.h"
#include "control/thread_signals.h"

namespace ringway::control::console {
namespace {

constexpr int kPauseMilliseconds = 1000;

enum class Input : unsigned char { none, pipe, terminal };

Input standard_input() {
    if (::isatty(STDIN_FILENO) != 0) {
        // A job in the background may not touch the terminal.
        return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp() ? Input::terminal : Input::none;
    }
    struct stat status {};
    const bool pipe = ::fstat(STDIN_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
    return pipe ? Input::pipe : Input::none;
}

/// The same file with flags of its own, so that it can be non-blocking while others who have it are not
/// surprised; the descriptor itself where that can't be (a socket).
FileDescriptor reopen(int fd, int flags) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    FileDescriptor own(::open(path.c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_APPEND));
    return own.is_open() ? std::move(own) : FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

}  // namespace

Console::Console(const Options& options, Desk& desk, const Logger& logger)
    : desk_(desk), logger_(logger), stop_(::eventfd(0, EFD_CLOEXEC)) {
    if (!stop_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
    if (!options.socket.empty()) {
        auto listener = SocketFile::listen(options.socket);
        if (!listener) throw std::runtime_error("console.socket: " + listener.error());
        listener_.emplace(std::move(*listener));
        acceptor_ = std::thread([this] { accept_clients(); });
    }
    const Input input = options.stdio ? standard_input() : Input::none;
    if (input == Input::none) return;
    const bool terminal = input == Input::terminal && ::isatty(STDOUT_FILENO) != 0;
    stdio_ = std::thread([this, terminal, stop = options.stop] { serve_stdio(terminal, stop); });
}

Console::~Console() {
    const std::uint64_t one = 1;
    (void)!::write(stop_.get(), &one, sizeof(one));
    if (acceptor_.joinable()) acceptor_.join();
    if (stdio_.joinable()) stdio_.join();
}

Completer Console::completer() {
    return [this](Parameter::Kind kind, const std::string& partial) { return desk_.complete(kind, partial); };
}

void Console::serve_stdio(bool terminal, const std::function<void()>& stop) {
    block_signals();
    try {
        const FileDescriptor in = reopen(STDIN_FILENO, O_RDONLY);
        const FileDescriptor out = reopen(STDOUT_FILENO, O_WRONLY);
        std::optional<RawTerminal> raw;
        if (terminal) raw.emplace(STDIN_FILENO, RawTerminal::Signals::kept);
        const Stream stream(in.get(), out.get(), stop_.get());
        Session session(stream, desk_.commands(), completer(),
                        terminal ? Session::Manner::terminal : Session::Manner::plain);
        if (session.run() == Session::End::quit) stop();
    } catch (const GatewayStopping&) {
        return;  // `quit` came with the end
    } catch (const std::exception&) {
        logger_.error("the console on standard input has ended");
    }
}

void Console::accept_clients() {
    block_signals();
    while (true) {
        // A pause, too, after which those who have ended are taken away.
        std::array<pollfd, 2> set{pollfd{listener_->fd(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
        const int ready = ::poll(set.data(), set.size(), clients_.empty() ? -1 : kPauseMilliseconds);
        if (set[1].revents != 0) break;
        clients_.remove_if([](Client& client) {
            if (!client.ended) return false;
            client.thread.join();
            return true;
        });
        if (ready > 0) accept_client();
    }
    for (Client& client : clients_)
        client.thread.join();
    clients_.clear();
}

void Console::accept_client() {
    FileDescriptor socket(::accept4(listener_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) {
        // Out of descriptors: the client stays where it is, and the listener readable.
        if (errno == EMFILE || errno == ENFILE) (void)::poll(nullptr, 0, kPauseMilliseconds);
        return;
    }
    if (clients_.size() >= kMaxClients) {
        constexpr std::string_view kFull = "error: there are too many consoles already\r\n";
        (void)::send(socket.get(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return;
    }
    Client& client = clients_.emplace_back();
    client.socket = std::move(socket);
    try {
        client.thread = std::thread([this, &client] { serve_client(client); });
    } catch (const std::system_error&) {
        clients_.pop_back();
    }
}

void Console::serve_client(Client& client) {
    block_signals();
    try {
        const Stream stream(client.socket.get(), client.socket.get(), stop_.get());
        Session session(stream, desk_.commands(), completer(), Session::Manner::by_first_byte);
        (void)session.run();
    } catch (const std::exception&) {
        logger_.error("a console has ended for want of memory");
    }
    (void)::shutdown(client.socket.get(), SHUT_RDWR);
    client.ended = true;
}

}  // namespace ringway::control::console
