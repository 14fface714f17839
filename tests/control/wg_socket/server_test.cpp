#include "control/wg_socket/server.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "tests/control/wg_socket/fake_gateway.h"
#include "tests/control/wg_socket/sample.h"
#include "tests/support/temporary_directory.h"

namespace ringway::control {
namespace {

namespace fs = std::filesystem;
using test::hex_key;

constexpr Nanoseconds kSecond = 1'000'000'000;

FileDescriptor connect_to(const fs::path& path, int flags = 0) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.native().copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) fd.reset();
    return fd;
}

/// A socket file that nobody answers on, as a killed process leaves it.
void leave_stale_socket(const fs::path& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.native().copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    const FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
}

unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
}

/// A server on a socket of its own, its clock, and the loop that its owner would run.
struct Fixture {
    explicit Fixture(WgSocketOptions options = {}) {
        auto opened = WgSocketServer::open(path, "wg0", gateway, options);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error()));
        server = std::move(*opened);
    }

    [[nodiscard]] bool has_work() const {
        pollfd poll{.fd = server->fd(), .events = POLLIN, .revents = 0};
        return ::poll(&poll, 1, 0) == 1;
    }
    /// Unix sockets deliver at once, so that a server without work is idle.
    void run() {
        while (has_work())
            server->process(now);
    }
    FileDescriptor connect() {
        FileDescriptor client = connect_to(path);
        REQUIRE(client.is_open());
        run();
        return client;
    }
    void write(const FileDescriptor& client, std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            REQUIRE((sent > 0 || errno == EAGAIN));
            if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
            run();
        }
    }
    /// Whatever has arrived; sets `closed` at the end of the stream.
    std::string read(const FileDescriptor& client) {
        std::string text;
        std::array<char, 65536> buffer{};
        for (;;) {
            run();
            const ssize_t got = ::recv(client.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            closed = got == 0 || (got < 0 && errno != EAGAIN);
            if (got <= 0) return text;
            text.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }
    std::string ask(const FileDescriptor& client, std::string_view text) {
        write(client, text);
        return read(client);
    }

    tests::TemporaryDirectory directory;
    fs::path path = directory.path() / "wireguard" / "wg0.sock";
    test::FakeGateway gateway{"wg0"};
    std::unique_ptr<WgSocketServer> server;
    Nanoseconds now = kSecond;
    bool closed = false;
};

void add_peers(WgDevice& device, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        WgPeer peer;
        for (std::size_t at = 0; at < 4; ++at)
            peer.public_key.bytes[at] = static_cast<std::uint8_t>(i >> (8 * at));
        peer.allowed_ips = {test::prefix("10.0.0.0/8"), test::prefix("2001:db8::/64")};
        device.peers.push_back(std::move(peer));
    }
}

std::size_t count_of(std::string_view needle, std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find(needle); at != std::string_view::npos; at = text.find(needle, at + 1))
        ++count;
    return count;
}

}  // namespace

TEST_CASE("get shows the device and set changes it") {
    Fixture fixture;
    const FileDescriptor client = fixture.connect();
    CHECK(fixture.ask(client, "set=1\nlisten_port=51820\npublic_key=" + hex_key('a') + "\n\n") ==
          "errno=0\n\n");
    CHECK(fixture.gateway.device.listen_port == 51820);
    const std::string shown = fixture.ask(client, "get=1\n\n");
    CHECK(shown.starts_with("listen_port=51820\npublic_key=" + hex_key('a') + "\n"));
    CHECK(shown.ends_with("\nerrno=0\n\n"));
}

TEST_CASE("errors have the sign that wg(8) expects: positive for get, negative for set") {
    Fixture fixture;
    const FileDescriptor client = fixture.connect();
    fixture.gateway.next_error = EADDRINUSE;
    CHECK(fixture.ask(client, "set=1\nlisten_port=1\n\n") == "errno=-98\n\n");
    fixture.gateway.next_error = ENODEV;
    CHECK(fixture.ask(client, "get=1\n\n") == "errno=19\n\n");
    CHECK(fixture.ask(client, "get=1\nx\n\n") == "errno=22\n\n");
}

TEST_CASE("a wrong request changes nothing and leaves the connection usable") {
    Fixture fixture;
    const FileDescriptor client = fixture.connect();
    CHECK(fixture.ask(client, "set=1\nlisten_port=7\nfwmark=x\n\n") == "errno=-22\n\n");
    CHECK(fixture.ask(client, "hello\n\n") == "errno=-22\n\n");
    CHECK(fixture.ask(client, "\n") == "errno=-22\n\n");
    CHECK(fixture.gateway.sets == 0);
    CHECK(fixture.ask(client, "get=1\n\n") == "errno=0\n\n");
}

TEST_CASE("a client that leaves before the empty line changes nothing") {
    Fixture fixture;
    const std::string request =
        "set=1\nlisten_port=7\nreplace_peers=true\npublic_key=" + hex_key('a') + "\n\n";
    for (std::size_t length = 0; length < request.size(); ++length) {
        CAPTURE(length);
        FileDescriptor client = fixture.connect();
        fixture.write(client, std::string_view(request).substr(0, length));
        client.reset();
        fixture.run();
        REQUIRE(fixture.server->clients() == 0);
        REQUIRE(fixture.gateway.sets == 0);
    }
}

TEST_CASE("a request may arrive byte by byte") {
    Fixture fixture;
    const FileDescriptor client = fixture.connect();
    for (const char& byte : std::string_view("set=1\nlisten_port=7\n\n"))
        fixture.write(client, {&byte, 1});
    CHECK(fixture.read(client) == "errno=0\n\n");
    CHECK(fixture.gateway.device.listen_port == 7);
}

TEST_CASE("requests sent together are answered one after another") {
    Fixture fixture;
    const FileDescriptor client = fixture.connect();
    std::string requests =
        "get=1\n\n";  // takes an odd number of steps, so that a turn ends between requests too
    for (int i = 0; i < 500; ++i)
        requests += "set=1\nfwmark=" + std::to_string(i) + "\n\n";
    const std::string answers = fixture.ask(client, requests);
    CHECK(count_of("errno=0\n\n", answers) == 501);
    CHECK(fixture.gateway.device.fwmark == 499);
}

TEST_CASE("a complete request counts even if the client does not wait for the answer") {
    Fixture fixture;
    FileDescriptor client = connect_to(fixture.path);
    const std::string_view request = "set=1\nlisten_port=7\n\n";
    REQUIRE(::send(client.get(), request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
    client.reset();
    fixture.run();
    CHECK(fixture.gateway.device.listen_port == 7);
    CHECK(fixture.server->clients() == 0);
}

TEST_CASE("a client that has said all it will say still gets its answer") {
    Fixture fixture;
    add_peers(fixture.gateway.device, 2000);
    const FileDescriptor client = fixture.connect();
    fixture.write(client, "get=1\n\n");
    ::shutdown(client.get(), SHUT_WR);
    const std::string shown = fixture.read(client);
    CHECK(count_of("public_key=", shown) == 2000);
    CHECK(shown.ends_with("errno=0\n\n"));
    CHECK(fixture.closed);
}

TEST_CASE("tens of megabytes reach a client that reads, and one that does not costs the others nothing") {
    constexpr std::uint32_t kPeers = 50'000;
    Fixture fixture;
    add_peers(fixture.gateway.device, kPeers);
    const FileDescriptor slow = fixture.connect();
    fixture.write(slow, "get=1\n\n");  // and reads nothing: the server must come to rest by itself

    const FileDescriptor other = fixture.connect();
    CHECK(fixture.ask(other, "set=1\nfwmark=1\n\n") == "errno=0\n\n");

    const std::string shown = fixture.read(slow);
    CHECK(count_of("public_key=", shown) == kPeers);
    CHECK(shown.ends_with("errno=0\n\n"));
    CHECK(shown.size() > 10'000'000);
}

TEST_CASE("a client that leaves in the middle of its answer is forgotten") {
    Fixture fixture;
    add_peers(fixture.gateway.device, 10'000);
    FileDescriptor client = fixture.connect();
    fixture.write(client, "get=1\n\n");
    CHECK(fixture.server->clients() == 1);
    client.reset();
    fixture.run();
    CHECK(fixture.server->clients() == 0);
}

TEST_CASE("a silent client is closed when its time is over, and its request with it") {
    Fixture fixture({.client_timeout = std::chrono::seconds(10)});
    CHECK_FALSE(fixture.server->next_deadline().has_value());
    const FileDescriptor client = fixture.connect();
    fixture.write(client, "set=1\nlisten_port=7\n");
    fixture.now = 5 * kSecond;
    fixture.write(client, "fwmark=7\n");
    CHECK(fixture.server->next_deadline() == 15 * kSecond);

    fixture.now = 15 * kSecond - 1;
    fixture.server->process(fixture.now);
    CHECK(fixture.server->clients() == 1);
    fixture.now = 15 * kSecond;
    fixture.server->process(fixture.now);
    CHECK(fixture.server->clients() == 0);
    CHECK(fixture.gateway.sets == 0);
}

TEST_CASE("a client that does not read its answer is closed when its time is over") {
    Fixture fixture({.client_timeout = std::chrono::seconds(10)});
    add_peers(fixture.gateway.device, 10'000);
    const FileDescriptor client = fixture.connect();
    fixture.write(client, "get=1\n\n");
    fixture.now += 10 * kSecond;
    fixture.server->process(fixture.now);
    CHECK(fixture.server->clients() == 0);
}

TEST_CASE("clients beyond the limit wait for a place") {
    Fixture fixture({.max_clients = 2});
    FileDescriptor first = fixture.connect();
    const FileDescriptor second = fixture.connect();
    const FileDescriptor third = fixture.connect();
    CHECK(fixture.server->clients() == 2);
    CHECK(fixture.ask(third, "get=1\n\n").empty());
    first.reset();
    CHECK(fixture.read(third) == "errno=0\n\n");
    CHECK(fixture.server->clients() == 2);
}

TEST_CASE("the socket is its owner's alone, whatever the umask") {
    const mode_t before = ::umask(0);
    const Fixture fixture;
    ::umask(before);
    CHECK(mode_of(fixture.path) == 0600);
    CHECK(mode_of(fixture.path.parent_path()) == 0755);
}

TEST_CASE("a directory that others can write is refused") {
    const tests::TemporaryDirectory directory;
    test::FakeGateway gateway("wg0");
    for (const unsigned mode : {0777U, 01777U, 0770U, 0702U}) {
        fs::permissions(directory.path(), static_cast<fs::perms>(mode));
        const auto server = WgSocketServer::open(directory.path() / "wg0.sock", "wg0", gateway);
        CHECK_FALSE(server.has_value());
        CHECK_FALSE(fs::exists(directory.path() / "wg0.sock"));
    }
    fs::permissions(directory.path(), fs::perms::owner_all);
    CHECK(WgSocketServer::open(directory.path() / "wg0.sock", "wg0", gateway).has_value());
}

TEST_CASE("the socket's name goes with the server") {
    Fixture fixture;
    CHECK(fs::is_socket(fixture.path));
    fixture.server.reset();
    CHECK_FALSE(fs::exists(fixture.path));
}

TEST_CASE("a stale socket is replaced") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "wg0.sock";
    leave_stale_socket(path);
    test::FakeGateway gateway("wg0");
    const auto server = WgSocketServer::open(path, "wg0", gateway);
    REQUIRE(server.has_value());
    CHECK(connect_to(path).is_open());
}

TEST_CASE(
    "a stale socket can be removed for another to listen there; one that is answered, or a file, stays") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "memif.sock";
    remove_stale_socket(path);
    leave_stale_socket(path);
    remove_stale_socket(path);
    CHECK_FALSE(fs::exists(path));

    Fixture fixture;
    remove_stale_socket(fixture.path);
    CHECK(connect_to(fixture.path).is_open());

    std::ofstream(path) << "a file";
    remove_stale_socket(path);
    CHECK(fs::exists(path));
}

TEST_CASE("a socket that somebody answers on is left alone") {
    Fixture fixture;
    const auto second = WgSocketServer::open(fixture.path, "wg0", fixture.gateway);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().find(fixture.path.string()) != std::string::npos);
    CHECK(fixture.ask(fixture.connect(), "get=1\n\n") == "errno=0\n\n");
}

TEST_CASE("a socket too busy to answer is left alone") {
    Fixture fixture;
    std::vector<FileDescriptor> backlog;
    do {
        backlog.push_back(connect_to(fixture.path, SOCK_NONBLOCK));
    } while (backlog.back().is_open());
    REQUIRE(errno == EAGAIN);
    CHECK_FALSE(WgSocketServer::open(fixture.path, "wg0", fixture.gateway).has_value());
    backlog.clear();
    fixture.run();
    CHECK(fixture.ask(fixture.connect(), "get=1\n\n") == "errno=0\n\n");
}

TEST_CASE("a file in the socket's place is left alone") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "wg0.sock";
    std::ofstream(path) << "mine";
    test::FakeGateway gateway("wg0");
    CHECK_FALSE(WgSocketServer::open(path, "wg0", gateway).has_value());
    CHECK(fs::is_regular_file(path));
}

TEST_CASE("a name that a successor has taken is not removed") {
    Fixture fixture;
    fs::remove(fixture.path);
    leave_stale_socket(fixture.path);
    fixture.server.reset();
    CHECK(fs::is_socket(fixture.path));
}

TEST_CASE("a path too long for a socket is an error that names it") {
    const tests::TemporaryDirectory directory;
    test::FakeGateway gateway("wg0");
    const fs::path path = directory.path() / std::string(120, 'x');
    const auto server = WgSocketServer::open(path, "wg0", gateway);
    REQUIRE_FALSE(server.has_value());
    CHECK(server.error().find(path.string()) != std::string::npos);
}

}  // namespace ringway::control
