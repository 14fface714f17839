#include "tools/load/stamp.h"

#include <algorithm>

namespace ringway::load {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

/// Word 0 is the seed itself.
constexpr std::uint64_t word_of(std::uint64_t seed, std::uint64_t number) {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
    return seed ^ (number * kOdd);
}

}  // namespace

void write_filling(std::span<std::uint8_t> out, std::uint64_t seed) {
    for (std::size_t at = 0; at < out.size(); at += kWord) {
        const std::uint64_t word = word_of(seed, at / kWord);
        std::memcpy(out.data() + at, &word, std::min(kWord, out.size() - at));
    }
}

bool filling_is_whole(std::span<const std::uint8_t> bytes) {
    if (bytes.size() <= kWord) return true;
    std::uint64_t seed = 0;
    std::memcpy(&seed, bytes.data(), kWord);
    std::uint64_t differences = 0;
    std::size_t at = kWord;
    for (; at + kWord <= bytes.size(); at += kWord) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, kWord);
        differences |= word ^ word_of(seed, at / kWord);
    }
    const std::uint64_t last = word_of(seed, at / kWord);
    return differences == 0 && std::memcmp(bytes.data() + at, &last, bytes.size() - at) == 0;
}

}  // namespace ringway::load
