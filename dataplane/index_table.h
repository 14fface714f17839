#pragma once

// Receiver index -> handshake or session. The table cannot collide: the low bits of an index are
// its slot, and a slot has one holder at a time. It cannot be predicted either: slots are drawn at
// random from the free ones and the high bits are random.

#include <rte_prefetch.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/messages.h"
#include "crypto/random.h"
#include "dataplane/huge_pages.h"

namespace ringway::dataplane {

/// One writer (the control thread), any number of readers (lcores). All memory is taken at start-up.
/// The life of an index: reserve, publish_session, unpublish, (grace period, references zero),
/// recycle; a handshake that comes to nothing skips the second step.
class IndexTable {
  public:
    /// The largest peer or keypair id.
    static constexpr std::uint32_t kMaxId = (1U << 30) - 1;
    static constexpr std::uint32_t kNone = 0xffffffff;

    /// A peer can hold four indices at once (a handshake, and the sessions previous, current and
    /// next); the slots beyond a power of two's rounding wait out grace periods. Throws std::bad_alloc.
    explicit IndexTable(std::uint32_t max_peers);

    /// A fresh index, never zero, for a handshake of `peer`; nothing when no slot is free. Control thread.
    [[nodiscard]] std::optional<crypto::ReceiverIndex> reserve(std::uint32_t peer, crypto::Random& random);
    /// From now on `index` names a session instead of a handshake, in one step for readers; what the
    /// caller wrote to the keypair before is visible to whoever finds it. False, changing nothing, if
    /// `index` names no handshake. Control thread.
    [[nodiscard]] bool publish_session(crypto::ReceiverIndex index, std::uint32_t keypair);
    /// From now on nothing is found under `index`; its slot stays taken. False if nothing was. Control
    /// thread.
    bool unpublish(crypto::ReceiverIndex index);
    /// Frees the slot of an unpublished index, once nothing can hold what it named. False if `index`
    /// was not unpublished or is recycled already. Control thread.
    bool recycle(crypto::ReceiverIndex index);

    /// The keypair of the session that `index` names, or kNone. Any thread, inside an RCU read section.
    [[nodiscard]] std::uint32_t lookup_session(crypto::ReceiverIndex index) const {
        return find(index, Kind::session);
    }
    /// A while before lookup_session().
    void prefetch(crypto::ReceiverIndex index) const { rte_prefetch0(&slots_[index.value.host() & mask_]); }
    /// The peer whose handshake `index` names. Any thread.
    [[nodiscard]] std::optional<std::uint32_t> lookup_handshake(crypto::ReceiverIndex index) const {
        const std::uint32_t peer = find(index, Kind::handshake);
        return peer == kNone ? std::nullopt : std::optional(peer);
    }

    [[nodiscard]] std::size_t capacity() const { return slots_.size(); }
    [[nodiscard]] std::size_t free_count() const { return free_.size(); }

  private:
    enum class Kind : std::uint64_t { free, handshake, session, unpublished };

    // A slot is one word, so that it changes in one store: index | kind | id.
    static constexpr unsigned kIndexShift = 32;
    static constexpr unsigned kKindShift = 30;
    using Slot = std::uint64_t;

    [[nodiscard]] static constexpr Slot make_slot(std::uint32_t index, Kind kind, std::uint32_t id) {
        return Slot{index} << kIndexShift | static_cast<Slot>(kind) << kKindShift | id;
    }
    [[nodiscard]] std::uint32_t find(crypto::ReceiverIndex index, Kind kind) const {
        const std::uint32_t host = index.value.host();
        const Slot id = slots_[host & mask_].load(std::memory_order_acquire) ^ make_slot(host, kind, 0);
        return id <= kMaxId ? static_cast<std::uint32_t>(id) : kNone;
    }
    /// Replaces the slot of `index` if it is of kind `from`.
    bool change(crypto::ReceiverIndex index, Kind from, Kind to, std::uint32_t id);

    Table<std::atomic<Slot>> slots_;  // control: rw, lcores: ro
    std::uint32_t mask_;
    std::vector<std::uint32_t> free_;  // slot numbers in no particular order; control only
};

}  // namespace ringway::dataplane
