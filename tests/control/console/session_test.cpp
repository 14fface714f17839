#include "control/console/session.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "control/file_descriptor.h"
#include "control/write_all.h"
#include "tests/control/console/commands.h"

namespace ringway::control::console {
namespace {

/// A session and its client, over a pair of sockets.
class Pair {
  public:
    explicit Pair(Session::Manner manner = Session::Manner::by_first_byte) : stop_(eventfd(0, EFD_CLOEXEC)) {
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
        ours_ = FileDescriptor(ends[0]);
        theirs_ = FileDescriptor(ends[1]);
        thread_ = std::thread([this, manner] {
            const Stream stream(theirs_.get(), theirs_.get(), stop_.get());
            Session session(stream, commands_, sample_names, manner);
            end_ = session.run();
            theirs_.reset();
        });
    }
    ~Pair() { (void)end(); }

    /// Sends all, says that there is no more, and gives what came back.
    std::string ask(std::string_view text) {
        std::string answer;
        std::thread sender([&] {
            while (!text.empty()) {
                const ssize_t sent = ::send(ours_.get(), text.data(), text.size(), MSG_NOSIGNAL);
                if (sent < 0 && errno != EAGAIN) break;
                if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
            }
            ::shutdown(ours_.get(), SHUT_WR);
        });
        const Stream stream(ours_.get(), ours_.get(), stop_.get());
        std::array<char, 4096> buffer{};
        for (auto bytes = stream.read(buffer); !bytes.empty(); bytes = stream.read(buffer))
            answer += bytes;
        sender.join();
        return answer;
    }
    Session::End end() {
        const std::uint64_t one = 1;
        (void)!write(stop_.get(), &one, sizeof(one));
        if (thread_.joinable()) thread_.join();
        return end_;
    }
    [[nodiscard]] int client() const { return ours_.get(); }

  private:
    Commands commands_ = sample_commands();
    FileDescriptor stop_;
    FileDescriptor ours_;
    FileDescriptor theirs_;
    Session::End end_ = Session::End::gone;
    std::thread thread_;
};

}  // namespace

TEST_CASE("a program learns where an answer ends, and whether its command was accepted") {
    using namespace std::string_literals;
    Pair pair;
    CHECK(
        pair.ask("\0show status\nnonsense\n\nfail\n"s) ==
        "status\n\0001\nerror: 'nonsense' is not known here, expected show, fail, quit\n\0000\n\0001\nerror: no luck\n\0000\n"s);
    CHECK(pair.end() == Session::End::gone);
}

TEST_CASE("quit ends the session, whatever follows it") {
    using namespace std::string_literals;
    Pair pair;
    CHECK(pair.ask("\0quit\nshow status\n"s) == "\0001\n"s);
    CHECK(pair.end() == Session::End::quit);
}

TEST_CASE("another first byte makes it a terminal") {
    Pair pair;
    CHECK(pair.ask("show status\n") == "ringway> show status\r\nstatus\r\nringway> ");
}

TEST_CASE("Ctrl-D on an empty line closes") {
    Pair pair;
    CHECK(pair.ask("\004show status\n") == "ringway> \r\n");
}

TEST_CASE("lines in, answers out, without frames") {
    Pair pair(Session::Manner::plain);
    CHECK(pair.ask("show status\r\nnonsense\nshow sta") ==
          "status\nerror: 'nonsense' is not known here, expected show, fail, quit\n");
}

TEST_CASE("a megabyte without a line feed is one refused line, and the next is read") {
    using namespace std::string_literals;
    Pair pair;
    CHECK(pair.ask("\0"s + std::string(1'000'000, 'x') + "\nshow status\n") ==
          "error: a line has 512 characters at most\n\0000\nstatus\n\0001\n"s);
}

TEST_CASE("a client that never reads does not keep a session from ending") {
    Pair pair;
    std::string flood("\0", 1);
    for (int i = 0; i < 1000; ++i)
        flood += "show peers json\n";
    while (::send(pair.client(), flood.data(), flood.size(), MSG_NOSIGNAL) > 0)
        continue;
    CHECK(pair.end() == Session::End::gone);
}

}  // namespace ringway::control::console
