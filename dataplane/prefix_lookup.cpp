#include <rte_prefetch.h>

#include <algorithm>
#include <array>

#include "dataplane/prefix_table.h"

namespace ringway::dataplane {

using prefix_trie::load_key;
using prefix_trie::Node;
using prefix_trie::Walk;

namespace {

/// Enough to cover the latency of memory, few enough to stay in the first-level cache.
constexpr unsigned kSideBySide = 32;

/// Walks `count` <= kSideBySide addresses down in turns: while one waits for memory the others go on.
void lookup_group(const Node* root, Family family, const std::uint8_t* const* addresses, unsigned count,
                  std::uint32_t* values) {
    std::array<Walk, kSideBySide> walks;
    std::array<Walk*, kSideBySide> walking;
    for (unsigned i = 0; i < count; ++i) {
        walks[i] = {root, load_key(family, addresses[i])};
        walking[i] = &walks[i];
    }
    for (unsigned left = count; left != 0;) {
        unsigned still = 0;
        for (unsigned i = 0; i < left; ++i) {
            Walk* walk = walking[i];
            if (!walk->enter()) continue;
            rte_prefetch0(walk->link());
            walking[still++] = walk;
        }
        left = still;
        for (unsigned i = 0; i < left; ++i) {
            walking[i]->follow();
            rte_prefetch0(walking[i]->node());
        }
    }
    for (unsigned i = 0; i < count; ++i)
        values[i] = walks[i].value();
}

}  // namespace

void PrefixTable::lookup_burst(Family family, const std::uint8_t* const* addresses, unsigned count,
                               std::uint32_t* values) const {
    const Node* root = published_root(family);
    for (unsigned first = 0; first < count; first += kSideBySide) {
        lookup_group(root, family, addresses + first, std::min(count - first, kSideBySide), values + first);
    }
}

}  // namespace ringway::dataplane
