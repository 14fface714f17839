// Endpoints that are names, in virtual time and with a resolver that answers when the test says.

#include "control/resolve/named_endpoints.h"

#include <doctest/doctest.h>

#include <map>
#include <thread>

#include "tests/control/log/capture.h"
#include "tests/support/manual_clock.h"

namespace ringway::control {
namespace {

using namespace std::chrono_literals;

dataplane::IpAddress address(std::uint8_t last) {
    return {.family = dataplane::Family::v4, .bytes = {192, 0, 2, last}};
}

struct Bench {
    /// Lets seconds pass, looking after each.
    void seconds(int count) {
        for (int i = 0; i < count; ++i) {
            clock.advance(1s);
            names.look();
        }
    }
    void answer(std::vector<dataplane::IpAddress> addresses, std::string error = "") {
        names.answered({.ticket = ticket, .addresses = std::move(addresses), .error = std::move(error)});
    }
    void follow(std::string name = "vpn.example.com") {
        names.follow(3, {.name = std::move(name), .address = {.address = {}, .port = 51820}});
    }

    tests::ManualClock clock;
    test::CapturedLog captured;
    std::uint64_t ticket = 0;
    std::string host;
    int questions = 0;
    bool failing = false;
    std::map<PeerIndex, dataplane::Endpoint> endpoints;
    NamedEndpoints names{
        {.clock = clock,
         .ask =
             [this](std::uint64_t t, const std::string& h) {
                 ticket = t;
                 host = h;
                 ++questions;
             },
         .is_failing = [this](PeerIndex) { return failing; },
         .endpoint_of = [this](PeerIndex peer) { return endpoints[peer]; },
         .set_endpoint = [this](PeerIndex peer, const dataplane::Endpoint& e) { endpoints[peer] = e; }},
        captured.logger};
};

}  // namespace

TEST_CASE("a name is asked for at once, and its first address taken") {
    Bench bench;
    bench.follow();
    CHECK(bench.host == "vpn.example.com");
    bench.answer({address(1), address(2)});
    CHECK(bench.endpoints[3].remote == address(1));
    CHECK(bench.endpoints[3].remote_port == 51820);
    bench.seconds(1000);
    CHECK(bench.questions == 1);
}

TEST_CASE("a name without an answer is asked for again, less and less often, and the error kept") {
    Bench bench;
    bench.follow();
    bench.answer({}, "no such name");
    CHECK(bench.names.error_of(3) == "no such name");
    for (int asked = 1; asked < 20; ++asked) {
        bench.seconds(120);
        bench.answer({}, "no such name");
    }
    CHECK(bench.questions > 10);
    CHECK(bench.questions <= 20);
    CHECK(bench.captured.lines.size() == 1);
    bench.seconds(120);
    bench.answer({address(1)});
    CHECK(bench.names.error_of(3).empty());
    CHECK(bench.endpoints[3].remote == address(1));
}

TEST_CASE("a peer that does not answer is looked up again, and tried at its next address") {
    Bench bench;
    bench.follow();
    bench.answer({address(1), address(2)});
    bench.failing = true;
    bench.seconds(3);
    CHECK(bench.questions == 2);
    bench.answer({address(1), address(2)});
    CHECK(bench.endpoints[3].remote == address(2));
    bench.seconds(5);
    CHECK(bench.questions == 3);
    bench.answer({address(1), address(2)});
    CHECK(bench.endpoints[3].remote == address(1));
    bench.seconds(10);
    bench.answer({address(7)});
    CHECK(bench.endpoints[3].remote == address(7));
}

TEST_CASE("a peer that has roamed stays where it is while it answers") {
    Bench bench;
    bench.follow();
    bench.answer({address(1)});
    bench.endpoints[3].remote = address(99);
    bench.seconds(1000);
    CHECK(bench.questions == 1);
    bench.failing = true;
    bench.seconds(3);
    bench.failing = false;
    bench.answer({address(1)});
    CHECK(bench.endpoints[3].remote == address(99));
}

TEST_CASE("a name that is newly said is followed, wherever the peer has roamed to") {
    Bench bench;
    bench.follow();
    bench.answer({address(1)});
    bench.endpoints[3].remote = address(99);
    bench.follow("other.example.com");
    bench.answer({address(5)});
    CHECK(bench.endpoints[3].remote == address(5));
}

TEST_CASE("an answer for a peer that is gone, or for an older name, changes nothing") {
    Bench bench;
    bench.follow();
    const std::uint64_t first = bench.ticket;
    bench.follow("other.example.com");
    bench.names.answered({.ticket = first, .addresses = {address(1)}, .error = {}});
    CHECK_FALSE(bench.endpoints[3].is_set());
    bench.names.forget(3);
    bench.answer({address(1)});
    CHECK_FALSE(bench.endpoints[3].is_set());
    bench.failing = true;
    bench.seconds(1000);
    CHECK(bench.questions == 2);
}

TEST_CASE("the host's resolver answers on a thread of its own") {
    NameResolver resolver;
    resolver.ask(1, "localhost");
    resolver.ask(2, "no-such-name.invalid");
    std::map<std::uint64_t, NameResolver::Answer> answers;
    for (int i = 0; i < 3000 && answers.size() < 2; ++i) {
        std::this_thread::sleep_for(10ms);
        for (NameResolver::Answer& answer : resolver.take())
            answers.emplace(answer.ticket, std::move(answer));
    }
    REQUIRE(answers.size() == 2);
    CHECK_FALSE(answers[1].addresses.empty());
    CHECK(answers[2].addresses.empty());
    CHECK_FALSE(answers[2].error.empty());
}

}  // namespace ringway::control
