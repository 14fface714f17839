#include "config/nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

namespace ringway::config {

namespace {

// Longer words are nobody's slip of a key name, and the cost is the product of both lengths.
constexpr std::size_t kLongestWord = 64;
// Shorter words are part of another by chance.
constexpr std::size_t kShortestPart = 4;

bool same_letter(char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// Optimal string alignment: three rows of the usual table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before_last, last);
        std::swap(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            const bool swapped =
                i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]);
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

/// "keepalive" is meant to be persistent_keepalive, far as the two are apart.
bool is_part_of(std::string_view part, std::string_view whole) {
    return part.size() >= kShortestPart && whole.find(part) != std::string_view::npos;
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > kLongestWord) return {};
    std::string_view best;
    std::size_t best_distance = kLongestWord;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        const bool near_enough =
            2 * distance <= std::max(word.size(), candidate.size()) || is_part_of(word, candidate);
        if (near_enough && distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace ringway::config
