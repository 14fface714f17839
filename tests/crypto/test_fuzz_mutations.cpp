// The fuzzer of messages without libFuzzer: genuine ones, mutated from a seed.

#include <doctest/doctest.h>

#include <vector>

#include "tests/crypto/wire_bytes.h"
#include "tests/fuzz/messages.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {
namespace {

using Mutable = std::vector<std::uint8_t>;

template <typename Message>
Mutable input_for(FuzzScene::Target target, const Message& message) {
    Mutable input = {static_cast<std::uint8_t>(target)};
    const auto bytes = bytes_of(message);
    input.insert(input.end(), bytes.begin(), bytes.end());
    return input;
}

std::vector<Mutable> corpus() {
    using Target = FuzzScene::Target;
    const FuzzScene scene;
    return {input_for(Target::initiation, scene.sides.initiation),
            input_for(Target::response, scene.sides.response),
            input_for(Target::cookie_reply, scene.cookie_reply),
            input_for(Target::checker, scene.sides.initiation)};
}

/// A few bits flipped, bytes replaced, a piece copied elsewhere, or the end cut off.
void mutate(Mutable& input, SeededRandom& random) {
    for (std::uint32_t times = 1 + random.below(4); times > 0 && !input.empty(); --times) {
        const auto size = static_cast<std::uint32_t>(input.size());
        auto& byte = input[random.below(size)];
        switch (random.below(5)) {
            case 0:
                byte ^= static_cast<std::uint8_t>(1U << random.below(8));
                break;
            case 1:
                byte = static_cast<std::uint8_t>(random.next_u32());
                break;
            case 2:
                byte = random.below(2) == 0 ? 0 : 0xff;
                break;
            case 3:
                byte = input[random.below(size)];
                break;
            default:
                input.resize(random.below(size + 1));
                break;
        }
    }
}

TEST_CASE("the genuine messages themselves are believed") {
    FuzzScene scene;
    CHECK(scene.sides.consume_initiation());
    CHECK(scene.sides.consume_response());
    for (const Mutable& input : corpus()) {
        fuzz_messages(input);
    }
}

TEST_CASE("mutated messages are refused without a trace") {
    SeededRandom random(1);
    const auto seeds = corpus();
    for (int i = 0; i < 4'000; ++i) {
        Mutable input = seeds[random.below(static_cast<std::uint32_t>(seeds.size()))];
        mutate(input, random);
        fuzz_messages(input);
    }
}

TEST_CASE("noise of any length is refused without a trace") {
    SeededRandom random(2);
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        Mutable input(random.below(300));
        random.fill(input);
        fuzz_messages(input);
    }
}

}  // namespace
}  // namespace ringway::tests
