#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "dataplane/endpoint_lock.h"

namespace ringway::dataplane {

namespace {

/// An endpoint every field of which says `number`, so that a mixture of two is seen.
Endpoint endpoint(std::uint16_t number) {
    Endpoint out;
    out.remote.family = number % 2 == 0 ? Family::v4 : Family::v6;
    out.local.family = out.remote.family;
    for (std::size_t i = 0; i < out.remote.bytes.size(); i += sizeof(number)) {
        std::memcpy(&out.remote.bytes[i], &number, sizeof(number));
        std::memcpy(&out.local.bytes[i], &number, sizeof(number));
    }
    out.remote_port = number;
    out.port = number;
    return out;
}

}  // namespace

TEST_CASE("an endpoint is read under the sequence that its writer was told") {
    EndpointLock lock;
    Endpoint seen;
    std::uint32_t sequence = 1;
    REQUIRE(lock.try_read(seen, sequence));
    CHECK(sequence == 0);
    CHECK_FALSE(seen.is_set());
    std::uint32_t written = 1;
    for (std::uint16_t number = 1; number < 10; ++number) {
        REQUIRE(lock.try_write(endpoint(number), written));
        CHECK(written == 2U * number);
        CHECK(lock.sequence() == written);
        REQUIRE(lock.try_read(seen, sequence));
        CHECK(sequence == written);
        CHECK(seen == endpoint(number));
    }
    // Another writer's news have another sequence, though the endpoint be the same.
    lock.write(endpoint(9));
    CHECK(lock.sequence() != written);
    CHECK(lock.read() == endpoint(9));
}

TEST_CASE("two writers and a reader: each sequence stands for one endpoint, whole") {
    constexpr std::size_t kReads = 50'000;
    struct Entry {
        std::uint32_t sequence;
        std::uint16_t number;
    };
    EndpointLock lock;
    std::atomic<std::size_t> reads{0};
    std::array<std::vector<Entry>, 2> written;
    std::vector<std::thread> writers;
    for (std::uint16_t id = 0; id < 2; ++id) {
        writers.emplace_back([&, id] {
            for (std::uint32_t i = 0; reads < kReads; ++i) {
                // While the reader sleeps there is nothing to disturb.
                while (written[id].size() > 16 * (reads + 64) && reads < kReads)
                    std::this_thread::yield();
                const auto number = static_cast<std::uint16_t>(1 + id + 2 * (i % 30'000));
                std::uint32_t sequence = 0;
                if (lock.try_write(endpoint(number), sequence)) written[id].push_back({sequence, number});
            }
        });
    }
    std::vector<Entry> read;
    std::uint64_t mixtures = 0;
    while (reads < kReads) {
        Endpoint seen;
        std::uint32_t sequence = 0;
        if (!lock.try_read(seen, sequence) || sequence == 0) continue;
        mixtures += seen == endpoint(seen.remote_port) ? 0 : 1;
        if (!read.empty() && read.back().sequence == sequence) continue;
        read.push_back({sequence, seen.remote_port});
        ++reads;
    }
    for (std::thread& writer : writers)
        writer.join();

    const std::size_t writes = written[0].size() + written[1].size();
    CHECK(mixtures == 0);
    CHECK(lock.sequence() == 2 * writes);
    // Every even sequence was given to one writer, and to one alone.
    std::vector<std::uint16_t> by_sequence(writes + 1, 0);
    std::uint64_t errors = 0;
    for (const std::vector<Entry>& entries : written) {
        for (const Entry& entry : entries) {
            const std::size_t place = entry.sequence / 2;
            const bool fresh = entry.sequence % 2 == 0 && place <= writes && by_sequence[place] == 0;
            if (fresh) by_sequence[place] = entry.number;
            errors += fresh ? 0 : 1;
        }
    }
    CHECK(errors == 0);
    std::uint32_t last = 0;
    for (const Entry& entry : read) {
        errors += entry.sequence > last && by_sequence.at(entry.sequence / 2) == entry.number ? 0 : 1;
        last = entry.sequence;
    }
    CHECK(errors == 0);
    CHECK(by_sequence.back() == lock.read().remote_port);
}

}  // namespace ringway::dataplane
