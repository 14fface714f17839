#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "dataplane/prefix_table.h"
#include "dataplane/reclaim.h"
#include "tests/dataplane/rcu_readers.h"

namespace {

using namespace ringway::dataplane;

IpAddress address(const char* text) {
    IpAddress out{.family =
                      std::string_view(text).find(':') == std::string_view::npos ? Family::v4 : Family::v6};
    REQUIRE(inet_pton(out.family == Family::v4 ? AF_INET : AF_INET6, text, out.bytes.data()) == 1);
    return out;
}

IpPrefix prefix(const char* text, unsigned length) {
    return {.address = address(text), .length = static_cast<std::uint8_t>(length)};
}

IpPrefix truncated(IpPrefix prefix) {
    for (std::size_t bit = prefix.length; bit < 128; ++bit) {
        prefix.address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
    }
    return prefix;
}

bool covers(const IpPrefix& prefix, const IpAddress& address) {
    return address.family == prefix.address.family &&
           truncated({.address = address, .length = prefix.length}).address == prefix.address;
}

/// A table with all that it needs, and no readers but the test itself.
struct Fixture {
    Rcu rcu{1};
    Reclaimer reclaimer{rcu};
    PrefixTable table{reclaimer};
};

/// Longest-prefix match by looking at every prefix.
class Oracle {
  public:
    std::uint32_t insert(const IpPrefix& prefix, std::uint32_t value) {
        return std::exchange(prefixes_.try_emplace(prefix, kNoValue).first->second, value);
    }
    std::uint32_t remove(const IpPrefix& prefix) {
        const auto node = prefixes_.extract(prefix);
        return node.empty() ? kNoValue : node.mapped();
    }
    [[nodiscard]] std::uint32_t lookup(const IpAddress& address) const {
        const std::pair<const IpPrefix, std::uint32_t>* best = nullptr;
        for (const auto& each : prefixes_) {
            if (covers(each.first, address) && (best == nullptr || each.first.length > best->first.length))
                best = &each;
        }
        return best == nullptr ? kNoValue : best->second;
    }
    [[nodiscard]] const std::map<IpPrefix, std::uint32_t>& prefixes() const { return prefixes_; }

  private:
    std::map<IpPrefix, std::uint32_t> prefixes_;
};

/// Addresses and prefixes that often share long beginnings, so that every kind of fork and every
/// length occurs.
class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    IpAddress address(Family family) {
        IpAddress out{.family = family};
        if (!recent_.empty() && random_() % 4 != 0) {
            out = recent_[random_() % recent_.size()];
            out.family = family;
            const unsigned kept = random_() % (8 * out.size() + 1);
            for (std::size_t bit = kept; bit < 8 * out.size(); ++bit)
                flip(out, bit, random_() % 2 != 0);
        } else {
            for (std::size_t i = 0; i < out.size(); ++i)
                out.bytes[i] = static_cast<std::uint8_t>(random_());
        }
        std::fill(out.bytes.begin() + static_cast<std::ptrdiff_t>(out.size()), out.bytes.end(),
                  std::uint8_t{0});
        if (recent_.size() < 16) recent_.resize(16, out);
        recent_[random_() % recent_.size()] = out;
        return out;
    }
    IpPrefix prefix(Family family) {
        const IpAddress base = address(family);
        return truncated(
            {.address = base, .length = static_cast<std::uint8_t>(random_() % (8 * base.size() + 1))});
    }
    std::uint32_t operator()(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  private:
    static void flip(IpAddress& address, std::size_t bit, bool really) {
        if (really) address.bytes[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
    }
    std::mt19937_64 random_;
    std::vector<IpAddress> recent_;
};

constexpr std::array kFamilies = {Family::v4, Family::v6};

TEST_CASE("prefix table: the longest covering prefix wins, whatever the order of insertion") {
    const std::vector<IpPrefix> nested = {
        prefix("0.0.0.0", 0),   prefix("10.0.0.0", 8),  prefix("10.1.0.0", 16),
        prefix("10.1.2.0", 24), prefix("10.1.2.3", 32), prefix("::", 0),
        prefix("fd00::", 8),    prefix("fd00:1::", 32), prefix("fd00:1::2", 128)};
    for (const bool backwards : {false, true}) {
        Fixture f;
        for (std::size_t i = 0; i < nested.size(); ++i) {
            const std::size_t at = backwards ? nested.size() - 1 - i : i;
            CHECK(f.table.insert(nested[at], static_cast<std::uint32_t>(at)) == kNoValue);
        }
        CHECK(f.table.lookup(address("192.0.2.1")) == 0);
        CHECK(f.table.lookup(address("10.255.0.1")) == 1);
        CHECK(f.table.lookup(address("10.1.255.1")) == 2);
        CHECK(f.table.lookup(address("10.1.2.255")) == 3);
        CHECK(f.table.lookup(address("10.1.2.3")) == 4);
        CHECK(f.table.lookup(address("2001:db8::1")) == 5);
        CHECK(f.table.lookup(address("fd00:2::1")) == 6);
        CHECK(f.table.lookup(address("fd00:1::1")) == 7);
        CHECK(f.table.lookup(address("fd00:1::2")) == 8);
    }
}

TEST_CASE("prefix table: the families do not see each other") {
    Fixture f;
    f.table.insert(prefix("0.0.0.0", 0), 4);
    CHECK(f.table.lookup(address("::")) == kNoValue);
    CHECK(f.table.find(prefix("::", 0)) == kNoValue);
    f.table.insert(prefix("::", 0), 6);
    CHECK(f.table.lookup(address("0.0.0.0")) == 4);
    CHECK(f.table.remove(prefix("0.0.0.0", 0)) == 4);
    CHECK(f.table.lookup(address("ffff::")) == 6);
}

TEST_CASE("prefix table: every length of both families can be added, found, replaced and removed") {
    for (const Family family : kFamilies) {
        Fixture f;
        IpAddress ones{.family = family};
        std::fill_n(ones.bytes.begin(), ones.size(), std::uint8_t{0xff});
        const auto bits = static_cast<unsigned>(8 * ones.size());
        const auto of_length = [&](unsigned length) {
            return truncated({.address = ones, .length = static_cast<std::uint8_t>(length)});
        };
        for (unsigned length = 0; length <= bits; ++length) {
            CHECK(f.table.insert(of_length(length), length) == kNoValue);
            CHECK(f.table.lookup(ones) == length);
        }
        for (unsigned length = 0; length <= bits; ++length) {
            CHECK(f.table.insert(of_length(length), 1000 + length) == length);
            CHECK(f.table.find(of_length(length)) == 1000 + length);
            // An address that leaves the row of ones after `length` bits.
            IpAddress leaves = ones;
            if (length < bits) leaves.bytes[length / 8] ^= static_cast<std::uint8_t>(0x80U >> length % 8);
            CHECK(f.table.lookup(leaves) == 1000 + length);
        }
        for (unsigned length = bits + 1; length-- > 0;) {
            CHECK(f.table.remove(of_length(length)) == 1000 + length);
            CHECK(f.table.remove(of_length(length)) == kNoValue);
            CHECK(f.table.lookup(ones) == (length == 0 ? kNoValue : 1000 + length - 1));
        }
        CHECK(f.table.memory_bytes() == 0);
    }
}

TEST_CASE("prefix table: bits beyond the length do not count") {
    Fixture f;
    CHECK(f.table.insert(prefix("10.1.2.3", 8), 1) == kNoValue);
    CHECK(f.table.find(prefix("10.0.0.0", 8)) == 1);
    CHECK(f.table.remove(prefix("10.9.9.9", 8)) == 1);
}

TEST_CASE("prefix table: random changes and look-ups agree with a search through all prefixes") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        CAPTURE(seed);
        Fixture f;
        Oracle oracle;
        Generator random(seed);
        std::unique_ptr<PrefixTable::Batch> batch;
        for (int i = 0; i < 4000; ++i) {
            const Family family = kFamilies[random(2)];
            const bool growing = i < 2000;
            const auto& known = oracle.prefixes();
            IpPrefix target = random.prefix(family);
            if (!known.empty() && random(2) == 0) {
                target = std::next(known.begin(), random(static_cast<std::uint32_t>(known.size())))->first;
            }
            CAPTURE(target.to_string());
            if (random(10) < (growing ? 7U : 3U)) {
                const std::uint32_t value = random(50);
                REQUIRE(f.table.insert(target, value) == oracle.insert(target, value));
                REQUIRE(f.table.find(target) == value);
            } else {
                REQUIRE(f.table.remove(target) == oracle.remove(target));
                REQUIRE(f.table.find(target) == kNoValue);
            }
            if (random(100) == 0) batch = batch ? nullptr : std::make_unique<PrefixTable::Batch>(f.table);
            if (batch) continue;
            const IpAddress asked = random(2) == 0 ? target.address : random.address(family);
            CAPTURE(asked.to_string());
            REQUIRE(f.table.lookup(asked) == oracle.lookup(asked));
            if (random(8) == 0) f.reclaimer.poll();
        }
        batch.reset();

        std::map<IpPrefix, std::uint32_t> listed;
        f.table.for_each(
            [&](const IpPrefix& each, std::uint32_t value) { CHECK(listed.emplace(each, value).second); });
        CHECK(listed == oracle.prefixes());

        while (!oracle.prefixes().empty()) {
            const IpPrefix each = oracle.prefixes().begin()->first;
            REQUIRE(f.table.remove(each) == oracle.remove(each));
        }
        CHECK(f.table.memory_bytes() == 0);
    }
}

TEST_CASE("prefix table: the trie follows from its prefixes alone, not from their history") {
    Fixture changed;
    Fixture built;
    Generator random(5);
    std::vector<IpPrefix> prefixes;
    for (int i = 0; i < 2000; ++i)
        prefixes.push_back(random.prefix(kFamilies[i % 2]));
    for (const IpPrefix& each : prefixes)
        changed.table.insert(each, 1);
    for (std::size_t i = 0; i < prefixes.size(); i += 3)
        changed.table.remove(prefixes[i]);

    std::vector<IpPrefix> left;
    changed.table.for_each([&](const IpPrefix& each, std::uint32_t) { left.push_back(each); });
    for (const IpPrefix& each : left)
        built.table.insert(each, 1);
    CHECK(changed.table.memory_bytes() == built.table.memory_bytes());
}

TEST_CASE("prefix table: a burst finds what single look-ups find") {
    for (const Family family : kFamilies) {
        Fixture f;
        Generator random(7);
        for (std::uint32_t i = 0; i < 3000; ++i)
            f.table.insert(random.prefix(family), i);
        for (const unsigned count : {0U, 1U, 2U, 31U, 32U, 33U, 64U, 100U}) {
            std::vector<IpAddress> asked(count);
            std::vector<const std::uint8_t*> wires;
            for (IpAddress& each : asked) {
                each = random.address(family);
                wires.push_back(each.bytes.data());
            }
            std::vector<std::uint32_t> values(count + 1, 12345);
            f.table.lookup_burst(family, wires.data(), count, values.data());
            for (unsigned i = 0; i < count; ++i)
                CHECK(values[i] == f.table.lookup(asked[i]));
            CHECK(values[count] == 12345);
        }
    }
}

TEST_CASE("prefix table: prefixes are listed by value") {
    Fixture f;
    f.table.insert(prefix("10.0.0.0", 24), 1);
    f.table.insert(prefix("10.0.1.0", 24), 2);
    f.table.insert(prefix("fd00::", 64), 1);
    auto of_one = f.table.prefixes_of(1);
    std::sort(of_one.begin(), of_one.end());
    CHECK(of_one == std::vector{prefix("10.0.0.0", 24), prefix("fd00::", 64)});
    f.table.insert(prefix("10.0.0.0", 24), 2);
    CHECK(f.table.prefixes_of(1) == std::vector{prefix("fd00::", 64)});
}

TEST_CASE("prefix table: a batch becomes visible at its end, all at once") {
    Fixture f;
    f.table.insert(prefix("10.0.0.0", 8), 1);
    {
        const PrefixTable::Batch batch(f.table);
        f.table.remove(prefix("10.0.0.0", 8));
        f.table.insert(prefix("10.1.0.0", 16), 2);
        f.table.insert(prefix("fd00::", 8), 3);
        CHECK(f.table.find(prefix("10.1.0.0", 16)) == 2);
        CHECK(f.table.lookup(address("10.1.0.1")) == 1);
        CHECK(f.table.lookup(address("fd00::1")) == kNoValue);
    }
    CHECK(f.table.lookup(address("10.1.0.1")) == 2);
    CHECK(f.table.lookup(address("10.2.0.1")) == kNoValue);
    CHECK(f.table.lookup(address("fd00::1")) == 3);
}

TEST_CASE("prefix table: a cleared table is empty and can be filled again") {
    Fixture f;
    Generator random(3);
    for (std::uint32_t i = 0; i < 1000; ++i)
        f.table.insert(random.prefix(kFamilies[i % 2]), i);
    f.table.clear();
    CHECK(f.table.memory_bytes() == 0);
    CHECK(f.table.lookup(address("10.0.0.1")) == kNoValue);
    f.table.insert(prefix("10.0.0.0", 8), 1);
    CHECK(f.table.lookup(address("10.0.0.1")) == 1);
}

TEST_CASE("prefix table: nothing is freed while a reader is inside its read section") {
    Fixture f;
    f.rcu.register_reader(0);
    f.rcu.online(0);
    f.table.insert(prefix("10.0.0.0", 8), 1);
    f.table.insert(prefix("10.0.0.0", 8), 2);
    f.reclaimer.poll();
    CHECK(f.reclaimer.pending() != 0);
    f.rcu.quiescent(0);
    f.reclaimer.poll();
    CHECK(f.reclaimer.pending() == 0);
    f.rcu.unregister_reader(0);
}

TEST_CASE(
    "prefix table: no look-up misses a prefix that moves, widens or narrows, or is not touched at all") {
    Rcu rcu(2);
    Reclaimer reclaimer(rcu);
    PrefixTable table(reclaimer);
    const IpAddress fixed = address("10.1.2.3");
    const IpAddress moved = address("10.1.2.4");
    const IpAddress widened = address("fd00:1:2:3::1");
    table.insert(prefix("10.1.2.3", 32), 1);
    table.insert(prefix("10.1.2.4", 32), 2);
    table.insert(prefix("fd00:1:2:3::", 64), 4);

    ringway::tests::RcuReaders readers(rcu, 2, [&] {
        const std::array wires = {fixed.bytes.data(), moved.bytes.data()};
        std::array<std::uint32_t, wires.size()> found{};
        table.lookup_burst(Family::v4, wires.data(), wires.size(), found.data());
        const std::uint32_t moving = table.lookup(moved);
        const std::uint32_t widening = table.lookup(widened);
        return found[0] == 1 && (found[1] == 2 || found[1] == 3) && (moving == 2 || moving == 3) &&
               (widening == 4 || widening == 5);
    });
    Generator random(11);
    readers.while_reading(20'000, 50'000, [&](std::uint64_t i) {
        switch (i % 4) {
            case 0:
                CHECK(table.insert(prefix("10.1.2.4", 32), 2 + i / 4 % 2) != kNoValue);
                break;
            case 1:  // there is always a prefix over the address, sometimes a shorter, sometimes a longer one
                table.insert(i / 4 % 2 == 0 ? prefix("fd00:1:2::", 48) : prefix("fd00:1:2:3::", 64), 5);
                table.remove(i / 4 % 2 == 0 ? prefix("fd00:1:2:3::", 64) : prefix("fd00:1:2::", 48));
                break;
            default:  // neighbours that fork the nodes around; the addresses above have other first bits
                IpPrefix other = random.prefix(kFamilies[i % 2]);
                other.address.bytes[0] |= 0x80;
                other.address.bytes[1] &= 0x0f;
                if (other.length == 0 || other.address.bytes[0] >= 0xf0) break;
                i % 3 == 0 ? table.remove(other) : table.insert(other, 99);
        }
        reclaimer.poll();
    });
    CHECK(readers.stop() == 0);
    reclaimer.drain();
}

TEST_CASE("prefix table: memory follows the prefixes, not the address space") {
    Fixture f;
    std::mt19937_64 random(1);
    CHECK(sizeof(PrefixTable) + f.table.memory_bytes() < 1024);

    const auto fill = [&](Family family, auto address_of) {
        f.table.clear();
        const PrefixTable::Batch batch(f.table);
        for (std::uint32_t i = 0; i < 100'000; ++i) {
            const IpAddress each = address_of(i);
            f.table.insert({.address = each, .length = static_cast<std::uint8_t>(8 * address_bytes(family))},
                           i);
        }
        return f.table.memory_bytes() / 100'000;
    };
    const auto at_random = [&](Family family) {
        return [&random, family](std::uint32_t) {
            const std::array<std::uint64_t, 2> bytes{random(), random()};
            return IpAddress::from_wire(family, bytes.data());
        };
    };
    const auto in_a_row = [](std::uint32_t i) {
        const std::array<std::uint8_t, 4> bytes{10, static_cast<std::uint8_t>(i >> 16),
                                                static_cast<std::uint8_t>(i >> 8),
                                                static_cast<std::uint8_t>(i)};
        return IpAddress::from_wire(Family::v4, bytes.data());
    };
    CHECK(fill(Family::v4, in_a_row) <= 8);
    CHECK(fill(Family::v4, at_random(Family::v4)) <= 80);
    CHECK(fill(Family::v6, at_random(Family::v6)) <= 80);
}

}  // namespace
