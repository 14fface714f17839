#include "control/state_file/timestamp_store.h"

#include <doctest/doctest.h>

#include <fstream>
#include <random>
#include <string>

#include "control/protocol/timestamp_source.h"
#include "control/state_file/replace_file.h"
#include "tests/support/temporary_directory.h"

namespace ringway::control {
namespace {

namespace fs = std::filesystem;
using crypto::Tai64n;
using Outcome = TimestampStore::Outcome;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStart = 1'700'000'000 * kSecond;

Tai64n at_second(std::uint64_t seconds) {
    return Tai64n::from_unix(kStart + seconds * kSecond);
}

struct Fixture {
    [[nodiscard]] TimestampStore store() const { return TimestampStore(path, std::chrono::seconds(600)); }
    [[nodiscard]] std::string contents() const { return read_small_file(path, 1000).value_or(""); }
    void overwrite(const std::string& text) const { std::ofstream(path, std::ios::trunc) << text; }

    tests::TemporaryDirectory directory;
    fs::path path = directory.path() / "timestamp";
};

/// A gateway as far as this matters: it sends initiations to one peer, which refuses old ones.
class Run {
  public:
    Run(const Fixture& fixture, std::uint64_t& wall) : store_(fixture.store()), wall_(wall) {
        source_.restore(store_.restore().timestamp);
        last_ = source_.greatest();
    }
    /// A turn of the control loop, with an initiation in it or without.
    void turn(bool initiate, Tai64n& peer_has) {
        REQUIRE(store_.keep_ahead(wall_, source_.greatest()).has_value());
        if (!initiate) return;
        const Tai64n sent = source_.advance(last_);
        CHECK(sent > peer_has);
        peer_has = sent;
    }
    void stop() { REQUIRE(store_.finish(source_.greatest()).has_value()); }

  private:
    TimestampStore store_;
    std::uint64_t& wall_;
    protocol::TimestampSource source_{[this] { return wall_; }};
    Tai64n last_;
};

}  // namespace

TEST_CASE("without a file there is nothing to restore, and the message says what follows") {
    const Fixture fixture;
    const auto restored = fixture.store().restore();
    CHECK(restored.outcome == Outcome::missing);
    CHECK(restored.timestamp == Tai64n{});
    CHECK(restored.message.find(fixture.path.string()) != std::string::npos);
    CHECK(restored.message.find("clock") != std::string::npos);
}

TEST_CASE("what a crashed run reserved is restored") {
    const Fixture fixture;
    auto store = fixture.store();
    REQUIRE(store.keep_ahead(kStart, {}).has_value());
    const auto restored = fixture.store().restore();
    CHECK(restored.outcome == Outcome::restored);
    CHECK(restored.timestamp == at_second(600));
}

TEST_CASE("what was restored is never lowered before it is used, even if the clock went back") {
    const Fixture fixture;
    auto first = fixture.store();
    REQUIRE(first.keep_ahead(kStart, {}).has_value());
    auto second = fixture.store();
    REQUIRE(second.restore().outcome == Outcome::restored);
    REQUIRE(second.keep_ahead(kStart - 3600 * kSecond, {}).has_value());
    CHECK(fixture.store().restore().timestamp == at_second(600));
}

TEST_CASE("what a clean run sent is restored exactly") {
    const Fixture fixture;
    auto store = fixture.store();
    REQUIRE(store.keep_ahead(kStart, {}).has_value());
    REQUIRE(store.finish(at_second(7)).has_value());
    CHECK(fixture.store().restore().timestamp == at_second(7));
}

TEST_CASE("the reservation is renewed when half of it is used up, not before") {
    const Fixture fixture;
    auto store = fixture.store();
    REQUIRE(store.keep_ahead(kStart, {}).has_value());
    const std::string first = fixture.contents();
    REQUIRE(store.keep_ahead(kStart + 300 * kSecond, at_second(300)).has_value());
    CHECK(fixture.contents() == first);
    REQUIRE(store.keep_ahead(kStart + 301 * kSecond, at_second(300)).has_value());
    CHECK(fixture.store().restore().timestamp == at_second(901));
}

TEST_CASE("an hour of handshakes costs a dozen writes") {
    const Fixture fixture;
    auto store = fixture.store();
    int writes = 0;
    std::string before;
    for (std::uint64_t second = 0; second < 3600; ++second) {
        REQUIRE(store.keep_ahead(kStart + second * kSecond, at_second(second)).has_value());
        writes += fixture.contents() != before ? 1 : 0;
        before = fixture.contents();
    }
    CHECK(writes == 12);
}

TEST_CASE("timestamps ahead of the clock stay covered, and a crash adds seconds to them, not minutes") {
    const Fixture fixture;
    const Tai64n far = at_second(1'000'000);
    auto store = fixture.store();
    REQUIRE(store.keep_ahead(kStart, far).has_value());
    const Tai64n restored = fixture.store().restore().timestamp;
    CHECK(restored > far);
    CHECK(restored == at_second(1'000'002));
}

TEST_CASE("no peer refuses an initiation, whatever the clock does and however the gateway stops") {
    const Fixture fixture;
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): a fixed seed makes a failure repeatable
    const auto one_in = [&](std::uint32_t n) { return random() % n == 0; };
    std::uint64_t wall = kStart;
    Tai64n peer_has;
    for (int life = 0; life < 20; ++life) {
        Run run(fixture, wall);
        for (int turn = 0; turn < 200; ++turn) {
            wall += random() % (20 * kSecond);
            if (one_in(50)) wall -= random() % (3600 * kSecond);
            if (one_in(100)) wall += random() % (3600 * kSecond);
            run.turn(!one_in(3), peer_has);
        }
        if (one_in(2)) run.stop();
        if (one_in(3)) wall = kStart;  // the battery of the clock is empty
    }
}

TEST_CASE("a file that is not exactly ours is not used, and the message says so") {
    const Fixture fixture;
    auto store = fixture.store();
    REQUIRE(store.keep_ahead(kStart, {}).has_value());
    const std::string good = fixture.contents();
    REQUIRE(fixture.store().restore().outcome == Outcome::restored);

    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const unsigned bit : {0U, 5U}) {  // 5: the case of a letter
            std::string bad = good;
            bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ (1U << bit));
            fixture.overwrite(bad);
            CAPTURE(bad);
            CHECK(fixture.store().restore().outcome == Outcome::unusable);
        }
        fixture.overwrite(good.substr(0, at));
        CHECK(fixture.store().restore().outcome == Outcome::unusable);
    }
    for (const std::string& tail : {std::string("\n"), std::string(1, '\0'), good}) {
        fixture.overwrite(good + tail);
        const auto restored = fixture.store().restore();
        CHECK(restored.outcome == Outcome::unusable);
        CHECK(restored.timestamp == Tai64n{});
        CHECK(restored.message.find("damaged") != std::string::npos);
    }
}

TEST_CASE("a damaged file is replaced by the next reservation") {
    const Fixture fixture;
    fixture.overwrite("nonsense");
    auto store = fixture.store();
    CHECK(store.restore().outcome == Outcome::unusable);
    REQUIRE(store.keep_ahead(kStart, {}).has_value());
    CHECK(fixture.store().restore().timestamp == at_second(600));
}

TEST_CASE("after a failed write it waits before it tries again, also when the clock goes back") {
    const tests::TemporaryDirectory directory;
    const fs::path parent = directory.path() / "a";
    TimestampStore store(parent / "b" / "timestamp", std::chrono::seconds(600));
    const auto failed = store.keep_ahead(kStart, {});
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().find(parent.string()) != std::string::npos);

    CHECK(store.keep_ahead(kStart + 9 * kSecond, {}).has_value());  // did not try
    CHECK_FALSE(store.keep_ahead(kStart + 10 * kSecond, {}).has_value());
    CHECK_FALSE(store.keep_ahead(kStart - kSecond, {}).has_value());

    fs::create_directory(parent);
    REQUIRE(store.keep_ahead(kStart + 9 * kSecond, {}).has_value());
    CHECK(store.restore().outcome == Outcome::restored);
}

}  // namespace ringway::control
