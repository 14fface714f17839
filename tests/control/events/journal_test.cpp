#include "control/events/journal.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace ringway::control {
namespace {

Event event_of(std::uint64_t number) {
    Event event;
    event.unix_nanoseconds = event.withheld = number;
    event.key.bytes.fill(static_cast<std::uint8_t>(number));
    return event;
}

bool is_whole(const Event& event) {
    const auto byte = static_cast<std::uint8_t>(event.sequence);
    return event.unix_nanoseconds == event.sequence && event.withheld == event.sequence &&
           std::all_of(event.key.bytes.begin(), event.key.bytes.end(), [&](auto b) { return b == byte; });
}

}  // namespace

TEST_CASE("events are numbered from 1, and the last ones can be read") {
    Journal journal(8, 1);
    CHECK(journal.newest() == 0);
    CHECK(journal.oldest() == 1);
    CHECK_FALSE(journal.read(0));
    CHECK_FALSE(journal.read(1));
    for (std::uint64_t i = 1; i <= 20; ++i) {
        Event event = event_of(i);
        journal.append(event);
        CHECK(event.sequence == i);
    }
    CHECK(journal.newest() == 20);
    CHECK(journal.oldest() == 14);
    for (std::uint64_t i = journal.oldest(); i <= 20; ++i)
        CHECK(journal.read(i).value().withheld == i);
    CHECK_FALSE(journal.read(12));
    CHECK_FALSE(journal.read(21));
}

TEST_CASE("a reader of another thread never sees half an event") {
    Journal journal(4, 1);
    std::atomic<bool> stop = false;
    std::uint64_t seen = 0;
    std::uint64_t broken = 0;
    std::thread reader([&] {
        while (!stop) {
            const auto event = journal.read(journal.newest());
            if (!event) continue;
            ++seen;
            if (!is_whole(*event)) ++broken;
        }
    });
    for (std::uint64_t i = 1; i <= 200'000; ++i) {
        Event event = event_of(i);
        journal.append(event);
    }
    stop = true;
    reader.join();
    CHECK(broken == 0);
    MESSAGE(seen, " events read");
}

}  // namespace ringway::control
