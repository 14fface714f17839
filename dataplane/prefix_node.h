#pragma once

// The trie of PrefixTable, as readers see it.
//
// A multibit trie, six bits a step, with path compression: a node that would hold nothing but one
// child is left out. A node at bit `position` stores
//   - the prefixes of its subtree whose length is position to position + 5, in the order of a
//     binary heap (1 is the empty continuation, 2 and 3 are "0" and "1", ... 32-63 the five-bit
//     ones), and
//   - a child for each six-bit continuation below which there is more,
// as two 64-bit maps and packed arrays, so that a look-up costs a mask and a population count per
// step and memory follows the prefixes. Nodes never change once a reader can see them.
//
// Six bits because a map is then one machine word. Positions are -3, 3, 9, 15, 21, 27, ..., 123: the
// lengths that networks are made of (/24, /32, /48, /56, /64, /128) then fall two to five bits into
// a node, so that neighbours such as the /32 of tunnel clients out of one pool share one; at
// multiples of six each /24 and /48 would be a node of its own.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "crypto/endian.h"
#include "dataplane/ip_address.h"

namespace ringway::dataplane {

/// No prefix covers the address.
inline constexpr std::uint32_t kNoValue = 0xffffffff;

namespace prefix_trie {

/// An address or a prefix of either family, its first bit the most significant.
__extension__ using Key = unsigned __int128;
inline constexpr int kKeyBits = 128;
inline constexpr int kStride = 6;

[[nodiscard]] inline Key load_key(Family family, const std::uint8_t* wire) {
    const auto word = [](const std::uint8_t* at) {
        crypto::Be64 value;
        std::memcpy(&value, at, sizeof(value));
        return value.host();
    };
    if (family == Family::v4) {
        crypto::Be32 value;
        std::memcpy(&value, wire, sizeof(value));
        return Key{value.host()} << 96;
    }
    return Key{word(wire)} << 64 | word(wire + 8);
}

/// The six bits of `key` from `position` on; outside the key there are zeros.
[[nodiscard]] inline unsigned slot_at(Key key, int position) {
    return static_cast<unsigned>(position < 0 ? key >> (kKeyBits - kStride - position)
                                              : (key << position) >> (kKeyBits - kStride));
}

/// Backwards: the key whose six bits from `position` on are `slot`, the others zero.
[[nodiscard]] inline Key key_at(unsigned slot, int position) {
    return position < 0 ? Key{slot} << (kKeyBits - kStride - position)
                        : Key{slot} << (kKeyBits - kStride) >> position;
}

/// The heap place of the prefix that continues with the first `bits` bits of `slot`.
[[nodiscard]] constexpr unsigned heap_index(unsigned slot, int bits) {
    return 1U << bits | slot >> (kStride - bits);
}

/// For each slot, the heap places of the prefixes that cover it.
inline constexpr auto kCovering = [] {
    std::array<std::uint64_t, 1U << kStride> covering{};
    for (unsigned slot = 0; slot < covering.size(); ++slot) {
        for (int bits = 0; bits < kStride; ++bits)
            covering[slot] |= 1ULL << heap_index(slot, bits);
    }
    return covering;
}();

/// How many bits of `map` lie below `bit`.
[[nodiscard]] inline unsigned rank(std::uint64_t map, unsigned bit) {
    return static_cast<unsigned>(std::popcount(map & ((1ULL << bit) - 1)));
}

struct Node {
    std::uint64_t key_high;  ///< the bits before `position` that the subtree shares; the rest is zero
    std::uint64_t key_low;
    std::uint64_t prefixes;  ///< by heap place
    std::uint64_t children;  ///< by slot
    int position : 8;
    std::uint64_t generation : 56;  ///< see PrefixTable::publish
    // std::popcount(children) pointers and std::popcount(prefixes) values follow.

    [[nodiscard]] Key key() const { return Key{key_high} << 64 | key_low; }
    [[nodiscard]] bool covers(Key address) const {
        return position < 0 || (address ^ key()) >> (kKeyBits - position) == 0;
    }
    [[nodiscard]] const Node* const* child_array() const {
        return reinterpret_cast<const Node* const*>(this + 1);
    }
    [[nodiscard]] const std::uint32_t* value_array() const {
        return reinterpret_cast<const std::uint32_t*>(child_array() + std::popcount(children));
    }
    /// Where the child of a slot is stored; null if there is none.
    [[nodiscard]] const Node* const* link(unsigned slot) const {
        return (children >> slot & 1) != 0 ? child_array() + rank(children, slot) : nullptr;
    }
    [[nodiscard]] const Node* child(unsigned slot) const {
        const Node* const* at = link(slot);
        return at != nullptr ? *at : nullptr;
    }
    [[nodiscard]] bool has_prefix(unsigned heap) const { return (prefixes >> heap & 1) != 0; }
    /// REQUIRES: has_prefix(heap).
    [[nodiscard]] std::uint32_t value(unsigned heap) const { return value_array()[rank(prefixes, heap)]; }
    [[nodiscard]] std::size_t bytes() const {
        return sizeof(Node) + std::popcount(children) * sizeof(void*) +
               std::popcount(prefixes) * sizeof(std::uint32_t);
    }
};
static_assert(sizeof(Node) == 40, "a leaf is to fit a cache line");

/// A look-up on its way down, one node at a time: while (walk.enter()) walk.follow(). It pauses where
/// it would wait for memory, so that walks can take turns. The values stay untouched until the end:
/// only the last match counts.
class Walk {
  public:
    Walk() = default;
    Walk(const Node* root, Key key) : key_(key), node_(root) {}

    /// Matches the present node; false if the way ends here.
    bool enter() {
        if (node_ == nullptr || !node_->covers(key_)) return false;
        const unsigned slot = slot_at(key_, node_->position);
        if (const std::uint64_t matches = node_->prefixes & kCovering[slot]; matches != 0) {
            best_ = node_;
            matches_ = matches;
        }
        link_ = node_->link(slot);
        return link_ != nullptr;
    }
    /// Goes on to the child. REQUIRES: enter() returned true.
    void follow() { node_ = *link_; }

    /// What follow() and the next enter() read first, to be prefetched.
    [[nodiscard]] const void* link() const { return link_; }
    [[nodiscard]] const void* node() const { return node_; }

    /// The value of the longest match so far.
    [[nodiscard]] std::uint32_t value() const {
        if (best_ == nullptr) return kNoValue;
        return best_->value(static_cast<unsigned>(std::bit_width(matches_)) - 1);
    }

  private:
    Key key_ = 0;
    const Node* node_ = nullptr;
    const Node* const* link_ = nullptr;
    const Node* best_ = nullptr;
    std::uint64_t matches_ = 0;
};

}  // namespace prefix_trie
}  // namespace ringway::dataplane
