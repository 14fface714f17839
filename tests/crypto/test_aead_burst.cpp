#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "crypto/aead.h"
#include "crypto/aead_burst.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/poly1305_edges.h"
#include "tests/support/allocation_count.h"
#include "tests/support/seeded_random.h"

using namespace ringway::crypto;
using namespace ringway::tests;
using Direction = AeadOperation::Direction;

namespace {

constexpr std::size_t kCanaryBytes = 64;
constexpr std::uint8_t kCanary = 0xc5;

/// One packet in a buffer of its own, with what it must become according to libsodium.
class Packet {
  public:
    Packet(Random& random, std::uint32_t length, Direction direction)
        : direction_(direction), plaintext_(length) {
        random.fill(key_.span());
        random.fill({reinterpret_cast<std::uint8_t*>(&counter_), sizeof(counter_)});
        random.fill(plaintext_);
        sealed_.resize(length + kTagBytes);
        aead_seal(sealed_, key_, counter_, plaintext_, {});
        buffer_ = direction == Direction::open ? sealed_ : plaintext_;
        buffer_.resize(length + kTagBytes + kCanaryBytes, kCanary);
    }

    [[nodiscard]] AeadOperation operation() {
        return {&key_,      counter_, buffer_.data(), static_cast<std::uint32_t>(plaintext_.size()),
                direction_, false};
    }

    void flip_bit(std::size_t bit) { buffer_.at(bit / 8) ^= static_cast<std::uint8_t>(1 << (bit % 8)); }

    /// Sealed or opened rightly, and nothing behind the tag was touched.
    [[nodiscard]] bool is_done() const {
        const Buffer& expected = direction_ == Direction::open ? plaintext_ : sealed_;
        return std::equal(expected.begin(), expected.end(), buffer_.begin()) && canary_lives();
    }
    /// Nothing is left where the packet was, and nothing behind the tag was touched.
    [[nodiscard]] bool is_zeroed() const {
        const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(plaintext_.size());
        return std::all_of(buffer_.begin(), end, [](std::uint8_t byte) { return byte == 0; }) &&
               canary_lives();
    }

  private:
    [[nodiscard]] bool canary_lives() const {
        return std::all_of(buffer_.end() - kCanaryBytes, buffer_.end(),
                           [](std::uint8_t byte) { return byte == kCanary; });
    }

    SymmetricKey key_;
    std::uint64_t counter_ = 0;
    Direction direction_;
    Buffer plaintext_;
    Buffer sealed_;
    Buffer buffer_;
};

/// Packets that do not move, as operations point into them.
class Burst {
  public:
    Packet& add(Random& random, std::uint32_t length, Direction direction) {
        return packets_.emplace_back(random, length, direction);
    }

    void run(AeadBurst& aead) {
        operations_.clear();
        for (auto& packet : packets_) {
            operations_.push_back(packet.operation());
        }
        aead.run(operations_);
    }

    [[nodiscard]] bool is_done(std::size_t i) const { return operations_[i].ok && packets_[i].is_done(); }
    [[nodiscard]] bool is_refused(std::size_t i) const {
        return !operations_[i].ok && packets_[i].is_zeroed();
    }
    [[nodiscard]] std::size_t size() const { return packets_.size(); }

    /// The first packet that is not done, if any.
    [[nodiscard]] std::optional<std::size_t> first_failure() const {
        for (std::size_t i = 0; i < size(); ++i) {
            if (!is_done(i)) return i;
        }
        return std::nullopt;
    }

  private:
    std::deque<Packet> packets_;
    std::vector<AeadOperation> operations_;
};

Direction any_direction(SeededRandom& random) {
    return random.below(2) == 0 ? Direction::seal : Direction::open;
}

/// Runs `check` on the default, on every path and on every instruction set of IPsec-MB that this CPU has.
template <typename Check>
void on_each_architecture(Check check) {
    using enum AeadBurst::Architecture;
    AeadBurst usual;
    check(usual);
    for (const AeadPath path : usable_aead_paths()) {
        AeadBurst aead(AeadPolicy::always(path));
        CAPTURE(to_string(path));
        check(aead);
    }
    for (const auto wanted : {best, sse, avx, avx2, avx512}) {
        std::optional<AeadBurst> aead;
        try {
            aead.emplace(wanted);
        } catch (const std::runtime_error&) {
            MESSAGE("this CPU does not have ", static_cast<int>(wanted));
            continue;
        }
        CAPTURE(aead->architecture());
        check(*aead);
    }
}

}  // namespace

TEST_CASE("bursts of mixed keys, counters, directions and lengths 0..2048 agree with libsodium") {
    on_each_architecture([](AeadBurst& aead) {
        SeededRandom random(8439);
        std::uint32_t made = 0;
        while (made < 20000) {
            Burst burst;
            for (std::uint32_t left = 1 + random.below(AeadBurst::kMaxOperations); left > 0; --left) {
                burst.add(random, made++ % 2049, any_direction(random));
            }
            burst.run(aead);
            const auto failure = burst.first_failure();
            CHECK_MESSAGE(!failure, "packet ", failure.value_or(0), " of ", burst.size(), ", made ", made);
        }
    });
}

TEST_CASE("a burst may have any size from none to the maximum") {
    on_each_architecture([](AeadBurst& aead) {
        SeededRandom random(1);
        for (std::size_t size = 0; size <= AeadBurst::kMaxOperations; ++size) {
            Burst burst;
            for (std::size_t i = 0; i < size; ++i) {
                burst.add(random, random.below(100), any_direction(random));
            }
            burst.run(aead);
            CHECK_MESSAGE(!burst.first_failure(), "burst of ", size);
        }
    });
}

TEST_CASE("one wrong bit anywhere refuses and zeroes that packet and no other") {
    on_each_architecture([](AeadBurst& aead) {
        SeededRandom random(2);
        for (const std::uint32_t length : {0, 1, 15, 16, 17, 63, 64, 65, 96}) {
            for (std::size_t bit = 0; bit < (length + kTagBytes) * 8; ++bit) {
                Burst burst;
                burst.add(random, length, Direction::open);
                burst.add(random, length, Direction::open).flip_bit(bit);
                burst.add(random, length, Direction::open);
                burst.add(random, length, Direction::seal);
                burst.run(aead);
                const bool as_expected =
                    burst.is_done(0) && burst.is_refused(1) && burst.is_done(2) && burst.is_done(3);
                CHECK_MESSAGE(as_expected, "length ", length, ", bit ", bit);
            }
        }
    });
}

TEST_CASE("forged packets at any place of a full burst are refused, each alone") {
    on_each_architecture([](AeadBurst& aead) {
        SeededRandom random(3);
        for (int round = 0; round < 20; ++round) {
            Burst burst;
            std::vector<bool> forged;
            for (std::size_t i = 0; i < AeadBurst::kMaxOperations; ++i) {
                const std::uint32_t length = random.below(2049);
                Packet& packet = burst.add(random, length, Direction::open);
                forged.push_back(random.below(4) == 0);
                if (forged.back()) packet.flip_bit(random.below((length + kTagBytes) * 8));
            }
            burst.run(aead);
            bool as_expected = true;
            for (std::size_t i = 0; i < burst.size(); ++i) {
                as_expected = as_expected && (forged[i] ? burst.is_refused(i) : burst.is_done(i));
            }
            CHECK(as_expected);
        }
    });
}

TEST_CASE("the same bytes under another key or another counter are refused") {
    AeadBurst aead;
    SeededRandom random(4);
    Packet right(random, 40, Direction::open);
    Packet stranger(random, 40, Direction::open);
    const AeadOperation theirs = stranger.operation();

    Packet wrong_counter(random, 40, Direction::open);
    Packet wrong_key(random, 40, Direction::open);
    std::vector<AeadOperation> operations = {right.operation(), wrong_counter.operation(),
                                             wrong_key.operation()};
    operations[1].counter += 1ULL << 63;
    operations[2].key = theirs.key;
    aead.run(operations);
    CHECK(operations[0].ok);
    CHECK(right.is_done());
    CHECK_FALSE(operations[1].ok);
    CHECK(wrong_counter.is_zeroed());
    CHECK_FALSE(operations[2].ok);
    CHECK(wrong_key.is_zeroed());
}

TEST_CASE("Poly1305 is right where its accumulator is at an edge, all edges in one burst") {
    on_each_architecture([](AeadBurst& aead) {
        std::deque<SymmetricKey> keys;
        std::deque<Buffer> sealed;
        std::deque<Buffer> buffers;
        std::vector<AeadOperation> operations;
        for (const auto& edge : kPoly1305Edges) {
            Buffer& packet = sealed.emplace_back(edge.filler_blocks * 16, 0xff);
            std::ranges::copy(from_hex(edge.last_block), std::back_inserter(packet));
            const auto length = static_cast<std::uint32_t>(packet.size());
            std::ranges::copy(from_hex(edge.tag), std::back_inserter(packet));
            operations.push_back({&keys.emplace_back(key_from_hex<SymmetricKey>(edge.key)), edge.counter,
                                  buffers.emplace_back(packet).data(), length, Direction::open, false});
        }
        REQUIRE(operations.size() <= AeadBurst::kMaxOperations);
        aead.run(operations);
        for (std::size_t i = 0; i < operations.size(); ++i) {
            CHECK_MESSAGE(operations[i].ok, "open, ", kPoly1305Edges[i].accumulator, " after ",
                          kPoly1305Edges[i].filler_blocks);
            operations[i].direction = Direction::seal;
        }
        aead.run(operations);
        for (std::size_t i = 0; i < operations.size(); ++i) {
            CHECK_MESSAGE(buffers[i] == sealed[i], "seal, ", kPoly1305Edges[i].accumulator, " after ",
                          kPoly1305Edges[i].filler_blocks);
        }
    });
}

TEST_CASE("a burst allocates nothing") {
    AeadBurst aead;
    SeededRandom random(5);
    Burst burst;
    for (std::size_t i = 0; i < AeadBurst::kMaxOperations; ++i) {
        burst.add(random, 5 * static_cast<std::uint32_t>(i), any_direction(random)).flip_bit(0);
    }
    burst.run(aead);  // the vector of operations has its size now
    const std::size_t before = allocations_of_this_thread();
    burst.run(aead);
    CHECK(allocations_of_this_thread() == before);

    ::operator delete(::operator new(1));  // the count does count
    CHECK(allocations_of_this_thread() == before + 1);
}

TEST_CASE("a moved AEAD goes on working, several side by side do not disturb each other") {
    SeededRandom random(6);
    AeadBurst one;
    AeadBurst two(std::move(one));
    one = AeadBurst();
    for (AeadBurst* aead : {&one, &two, &one}) {
        Burst burst;
        for (int i = 0; i < 100; ++i) {
            burst.add(random, 64, any_direction(random));
        }
        burst.run(*aead);
        CHECK_FALSE(burst.first_failure());
    }
}
