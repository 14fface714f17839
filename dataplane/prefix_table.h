#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "dataplane/ip_address.h"
#include "dataplane/prefix_node.h"
#include "dataplane/reclaim.h"

namespace ringway::dataplane {

/// Longest-prefix match for both families: allowed IPs, routes. One writer (the control thread), any
/// number of readers (lcores, inside an RCU read section), who neither wait nor retry.
///
/// Published nodes are immutable. A change copies the nodes on the path from the root to the change
/// (a handful, of a few hundred bytes) and publishes the new root in one store; the old nodes are
/// freed after a grace period. So a look-up sees the table as it was at one moment: it can't miss a
/// prefix that moves from one value to another, nor an address whose covering prefix is replaced by a
/// shorter or longer one. Changes made under one Batch become visible together.
///
/// Cost of a change: O(depth), at most 6 nodes for IPv4 and 22 for IPv6; with 100,000 random prefixes
/// four or five. Memory: nothing when empty, about 6 bytes a prefix for addresses in a row, 70 for
/// random ones. How nodes are built and why: prefix_node.h.
class PrefixTable {
  public:
    explicit PrefixTable(Reclaimer& reclaimer) : reclaimer_(reclaimer) {}
    /// REQUIRES: no reader is left. The reclaimer may outlive the table.
    ~PrefixTable();
    PrefixTable(const PrefixTable&) = delete;
    PrefixTable& operator=(const PrefixTable&) = delete;

    /// Publishes all changes made during its life at once, at its end. Not nested. A large load belongs
    /// in one: what its changes replace among themselves is freed at once. Control thread.
    class Batch {
      public:
        explicit Batch(PrefixTable& table) : table_(table) { table_.in_batch_ = true; }
        ~Batch() {
            table_.in_batch_ = false;
            table_.publish();
        }
        Batch(const Batch&) = delete;
        Batch& operator=(const Batch&) = delete;

      private:
        PrefixTable& table_;
    };

    /// Sets the value of a prefix; returns the one it had, or kNoValue. REQUIRES: the length fits the
    /// family, value != kNoValue. Bits beyond the length are ignored. Control thread.
    std::uint32_t insert(const IpPrefix& prefix, std::uint32_t value);
    /// Returns the value that the prefix had, or kNoValue. Control thread.
    std::uint32_t remove(const IpPrefix& prefix);
    /// Control thread.
    void clear();

    /// The value of exactly this prefix, or kNoValue; sees the changes of an unfinished batch. Control
    /// thread.
    [[nodiscard]] std::uint32_t find(const IpPrefix& prefix) const;
    /// Every prefix, in no particular order; the table must not change meanwhile. Control thread.
    void for_each(const std::function<void(const IpPrefix&, std::uint32_t value)>& visit) const;
    /// Those whose value is `value`; costs a pass over the whole table. Control thread.
    [[nodiscard]] std::vector<IpPrefix> prefixes_of(std::uint32_t value) const;
    /// Bytes of all nodes, without the allocator's share; a pass over the whole table. Control thread.
    [[nodiscard]] std::size_t memory_bytes() const;

    /// The value of the longest prefix that covers the address, or kNoValue. Any thread, inside an RCU
    /// read section; `wire` is an address as it lies in a packet, of any alignment.
    [[nodiscard]] std::uint32_t lookup(Family family, const std::uint8_t* wire) const {
        prefix_trie::Walk walk(published_root(family), prefix_trie::load_key(family, wire));
        while (walk.enter())
            walk.follow();
        return walk.value();
    }
    [[nodiscard]] std::uint32_t lookup(const IpAddress& address) const {
        return lookup(address.family, address.bytes.data());
    }
    /// The same for `count` addresses of one family, walked side by side so that their cache misses
    /// overlap. All see the table of the same moment.
    void lookup_burst(Family family, const std::uint8_t* const* addresses, unsigned count,
                      std::uint32_t* values) const;

  private:
    using Node = prefix_trie::Node;
    struct Target;
    class Draft;

    [[nodiscard]] const Node* published_root(Family family) const {
        return published_[static_cast<std::size_t>(family)].load(std::memory_order_acquire);
    }
    [[nodiscard]] const Node*& root(Family family) { return roots_[static_cast<std::size_t>(family)]; }

    /// The tree `node` with the target set, or without it. `old` receives the value that was replaced.
    const Node* with(const Node* node, const Target& target, std::uint32_t value, std::uint32_t& old);
    const Node* without(const Node* node, const Target& target, std::uint32_t& old);
    const Node* fork(const Node* node, const Target& target, int position, std::uint32_t value);
    const Node* leaf(const Target& target, std::uint32_t value);

    /// Ends a node that the working trees no longer use.
    void retire(const Node* node);
    void retire_tree(const Node* node);
    void publish();

    Reclaimer& reclaimer_;
    std::array<std::atomic<const Node*>, 2> published_{};  // control: wo, lcores: ro

    // Control only. The working trees run ahead of the published ones inside a batch. A node whose
    // generation is the present one was never published, so it is freed without a grace period.
    std::array<const Node*, 2> roots_{};
    std::vector<const Node*> retired_;
    std::uint64_t generation_ = 0;
    bool in_batch_ = false;
};

}  // namespace ringway::dataplane
