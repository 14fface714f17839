// The fuzzer's corpus and seeded mutations of it, without libFuzzer.

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace {

constexpr int kMutationsPerFile = 400;

void feed(const std::string& text) {
    ringway::tests::fuzz_rest({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::vector<std::string> corpus() {
    std::vector<std::string> texts;
    for (const auto& entry : std::filesystem::directory_iterator(CORPUS_DIR)) {
        std::ifstream in(entry.path(), std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return texts;
}

void mutate(std::string& text, std::mt19937& random) {
    // Signs that mean something to HTTP or JSON come more often than chance would have them.
    static constexpr std::string_view kSigns = "\r\n: /?&=%+\"{}[],\\0-19.;";
    const auto below = [&](std::size_t limit) { return random() % limit; };
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
        case 0:
            text.insert(at, 1, kSigns[below(kSigns.size())]);
            break;
        case 1:
            text.insert(at, 1, static_cast<char>(below(256)));
            break;
        case 2:
            text.erase(at, below(8));
            break;
        case 3:
            text.insert(at, text.substr(below(text.size() + 1), below(40)));
            break;
        default:
            if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1U << below(8)));
    }
}

}  // namespace

TEST_CASE("every request of the corpus keeps the fuzzer's promises") {
    const auto texts = corpus();
    CHECK(texts.size() >= 8);
    for (const std::string& text : texts)
        feed(text);
}

TEST_CASE("mutated requests, and requests cut anywhere, harm nobody") {
    std::mt19937 random(4711);
    for (const std::string& text : corpus()) {
        for (int i = 0; i < kMutationsPerFile; ++i) {
            std::string mutated = text;
            for (std::size_t n = random() % 4 + 1; n > 0; --n)
                mutate(mutated, random);
            feed(mutated);
        }
        for (std::size_t size = 0; size < text.size(); ++size)
            feed(text.substr(0, size));
    }
}
