#include "tools/load/size_mix.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <random>

namespace ringway::load {
namespace {

constexpr std::string_view kImix = "64:7,594:4,1420:1";
constexpr unsigned kMaxSize = 9600;
constexpr unsigned kMaxShare = 1000;
/// Enough that flows which take turns do not always meet the same sizes.
constexpr std::size_t kDeckSize = 4096;

/// All of `text` as a number from 1 to `most`; 0 if it is none.
unsigned number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value <= most ? value : 0;
}

/// The same in every run and with every library, which std::shuffle is not.
void shuffle(std::vector<std::uint16_t>& deck) {
    std::minstd_rand random;
    for (std::size_t left = deck.size(); left > 1; --left)
        std::swap(deck[left - 1], deck[random() % left]);
}

}  // namespace

tl::expected<SizeMix, std::string> SizeMix::parse(std::string_view text) {
    SizeMix mix;
    std::string_view rest = text == "imix" ? kImix : text;
    std::vector<std::uint16_t> once;
    while (true) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view entry = rest.substr(0, comma);
        const std::size_t colon = std::min(entry.find(':'), entry.size());
        const unsigned size = number(entry.substr(0, colon), kMaxSize);
        const unsigned share = colon == entry.size() ? 1 : number(entry.substr(colon + 1), kMaxShare);
        if (size == 0 || share == 0) {
            return tl::unexpected<std::string>(
                "is not imix or a list of SIZE or SIZE:SHARE, sizes from 1 to " + std::to_string(kMaxSize));
        }
        once.insert(once.end(), share, static_cast<std::uint16_t>(size));
        mix.name_ += (mix.name_.empty() ? "" : "+") + std::string(entry);
        if (comma == rest.size()) break;
        rest.remove_prefix(comma + 1);
    }
    if (text == "imix") mix.name_ = text;
    const std::size_t rounds = std::max<std::size_t>(1, kDeckSize / once.size());
    for (std::size_t i = 0; i < rounds; ++i)
        mix.deck_.insert(mix.deck_.end(), once.begin(), once.end());
    shuffle(mix.deck_);
    return mix;
}

std::uint16_t SizeMix::smallest() const {
    return *std::min_element(deck_.begin(), deck_.end());
}

std::uint16_t SizeMix::largest() const {
    return *std::max_element(deck_.begin(), deck_.end());
}

double SizeMix::mean() const {
    return std::accumulate(deck_.begin(), deck_.end(), 0.0) / static_cast<double>(deck_.size());
}

}  // namespace ringway::load
