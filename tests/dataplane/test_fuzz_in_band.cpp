// The fuzzer of in-band messages and on seeded mutations of them, without libFuzzer.

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "dataplane/in_band_header.h"
#include "tests/fuzz/in_band.h"
#include "tests/support/seeded_random.h"

namespace ringway::tests {

namespace {

using Plaintext = std::vector<std::uint8_t>;

constexpr int kMutations = 20'000;

/// A message of that many bytes, with that much behind it.
Plaintext message_of(std::size_t bytes, std::size_t padding) {
    const Plaintext payload(bytes, 'x');
    Plaintext plaintext(sizeof(dataplane::InBandHeader) + bytes);
    dataplane::write_in_band(plaintext.data(), {7, payload});
    plaintext.resize(plaintext.size() + padding);
    return plaintext;
}

void mutate(Plaintext& plaintext, SeededRandom& random) {
    for (std::uint32_t i = random.below(3) + 1; i > 0 && !plaintext.empty(); --i) {
        const auto size = static_cast<std::uint32_t>(plaintext.size());
        const std::uint32_t at = random.below(std::min<std::uint32_t>(size, 20));
        switch (random.below(4)) {
            case 0:
                plaintext[at] = static_cast<std::uint8_t>(plaintext[at] ^ (1U << random.below(8)));
                break;
            case 1:
                plaintext[at] = static_cast<std::uint8_t>(random.next_u32());
                break;
            case 2:
                plaintext.resize(random.below(size));
                break;
            default:
                plaintext.resize(size + random.below(40), 0x5a);
                break;
        }
    }
}

}  // namespace

TEST_CASE("a message of any length is read, with any padding that there can be and with no more") {
    for (std::size_t bytes = 1; bytes <= dataplane::kMaxInBandPayload; ++bytes) {
        for (const std::size_t padding : {0, 1, 15})
            CHECK(feed_in_band(message_of(bytes, padding)));
        CHECK_FALSE(feed_in_band(message_of(bytes, 16)));
    }
    CHECK_FALSE(feed_in_band(message_of(0, 0)));
    CHECK_FALSE(feed_in_band(message_of(dataplane::kMaxInBandPayload + 1, 0)));
    for (std::size_t size = 0; size < sizeof(dataplane::InBandHeader) + 8; ++size) {
        Plaintext cut = message_of(8, 0);
        cut.resize(size);
        CHECK_FALSE(feed_in_band(cut));
    }
}

TEST_CASE("no plaintext is read past its end, whatever is in it") {
    SeededRandom random(2026);
    int messages = 0;
    for (int i = 0; i < kMutations; ++i) {
        Plaintext plaintext = message_of(random.below(80) + 1, random.below(16));
        mutate(plaintext, random);
        messages += feed_in_band(plaintext) ? 1 : 0;
    }
    // Some mutations do no harm, most do.
    CHECK(messages > kMutations / 20);
    CHECK(messages < kMutations * 2 / 3);
}

}  // namespace ringway::tests
