#include "control/log/log.h"

#include <doctest/doctest.h>

#include <thread>

#include "tests/control/log/capture.h"
#include "tests/support/allocation_count.h"

namespace ringway::control {
namespace {

using namespace std::chrono_literals;
using test::CapturedLog;

constexpr std::uint64_t kSecond = 1'000'000'000;

/// Makes every form of a record and writes none.
class DeafSink final : public LogSink {
  public:
    bool write(const LogRecord& record) override {
        LogBuffer line;
        append_line(line, record);
        LogBuffer entry;
        append_journal_entry(entry, record);
        return false;
    }
};

}  // namespace

TEST_CASE("records below the level are not written") {
    CapturedLog captured;
    captured.logger.debug("a");
    captured.logger.info("b");
    captured.logger.warning("c");
    captured.logger.error("d", {{"code", 5}});
    CHECK(captured.lines == std::vector<std::string>{"test: b", "test: c", "test: d code=5"});
    CHECK_FALSE(captured.logger.is_enabled(LogLevel::debug));
    CHECK(captured.logger.is_enabled(LogLevel::info));
}

TEST_CASE("a logger speaks for its component") {
    CapturedLog captured;
    captured.logger.with_component("netlink").info("a");
    CHECK(captured.lines == std::vector<std::string>{"netlink: a"});
}

TEST_CASE("a limit lets so many through in its time and counts the others") {
    CapturedLog captured;
    LogLimit limit(2, 10s);
    const auto log_once = [&] { captured.logger.info("a", {}, &limit); };
    for (int i = 0; i < 5; ++i)
        log_once();
    CHECK(captured.lines.size() == 2);

    captured.now = 10 * kSecond - 1;
    log_once();
    CHECK(captured.lines.size() == 2);

    captured.now = 10 * kSecond;
    for (int i = 0; i < 3; ++i)
        log_once();
    CHECK(captured.lines == std::vector<std::string>{"test: a", "test: a", "test: a withheld=4", "test: a"});

    captured.now = 100 * kSecond;
    log_once();
    log_once();
    CHECK(captured.lines[4] == "test: a withheld=1");
    CHECK(captured.lines[5] == "test: a");
}

TEST_CASE("a limit holds for its own kind of record only") {
    CapturedLog captured;
    LogLimit limit(1, 10s);
    captured.logger.info("a", {}, &limit);
    captured.logger.info("a", {}, &limit);
    captured.logger.info("b");
    CHECK(captured.lines == std::vector<std::string>{"test: a", "test: b"});
}

TEST_CASE("a record below the level does not use up a limit") {
    CapturedLog captured;
    LogLimit limit(1, 10s);
    captured.logger.debug("a", {}, &limit);
    captured.logger.info("a", {}, &limit);
    CHECK(captured.lines == std::vector<std::string>{"test: a"});
}

TEST_CASE("records that could not be written are counted") {
    Log log(LogLevel::info, std::make_unique<DeafSink>(), LogClocks::of_system());
    Logger(log, "test").info("a");
    CHECK(log.lost() == 1);
}

TEST_CASE("threads may log at once") {
    CapturedLog captured;
    LogLimit limit(100, 10s);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                captured.logger.info("free", {{"i", i}});
                captured.logger.info("limited", {}, &limit);
            }
        });
    }
    threads.clear();
    CHECK(captured.lines.size() == 4 * 500 + 100);
}

TEST_CASE("logging allocates nothing") {
    Log log(LogLevel::info, std::make_unique<DeafSink>(), LogClocks::of_system());
    const Logger logger(log, "test");
    LogLimit limit;
    const crypto::PublicKey key;
    const std::string name = "a name that is too long to be kept inside a string object";
    const std::size_t before = tests::allocations_of_this_thread();
    logger.info("a", {{"key", key}, {"name", name}, {"endpoint", dataplane::Endpoint{}}}, &limit);
    CHECK(tests::allocations_of_this_thread() == before);
}

}  // namespace ringway::control
