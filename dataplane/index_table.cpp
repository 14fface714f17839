#include "dataplane/index_table.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

namespace ringway::dataplane {

namespace {

constexpr std::size_t kIndicesPerPeer = 4;
// Small tables are made larger: a guess should rarely hit even the slot, and a burst of handshakes
// should not have to wait for a grace period.
constexpr std::size_t kMinimumSlots = 1024;

std::size_t slot_count(std::uint32_t max_peers) {
    return std::bit_ceil(std::max(kMinimumSlots, kIndicesPerPeer * max_peers));
}

}  // namespace

IndexTable::IndexTable(std::uint32_t max_peers)
    : slots_(slot_count(max_peers)),
      mask_(static_cast<std::uint32_t>(slots_.size() - 1)),
      free_(slots_.size()) {
    assert(slots_.size() <= std::size_t{kMaxId} + 1);
    std::iota(free_.begin(), free_.end(), 0U);
}

std::optional<crypto::ReceiverIndex> IndexTable::reserve(std::uint32_t peer, crypto::Random& random) {
    assert(peer <= kMaxId);
    if (free_.empty()) return std::nullopt;

    // A multiplication maps the random word onto the free slots; its bias is below 2^-12.
    std::uint32_t& drawn = free_[(std::uint64_t{random.next_u32()} * free_.size()) >> 32];
    const std::uint32_t slot = drawn;
    drawn = free_.back();
    free_.pop_back();

    std::uint32_t index = 0;
    do {
        index = (random.next_u32() & ~mask_) | slot;
    } while (index == 0);  // allowed on the wire, but easily mistaken for "none" by people

    slots_[slot].store(make_slot(index, Kind::handshake, peer), std::memory_order_release);
    return crypto::ReceiverIndex{crypto::Le32(index)};
}

bool IndexTable::publish_session(crypto::ReceiverIndex index, std::uint32_t keypair) {
    assert(keypair <= kMaxId);
    return change(index, Kind::handshake, Kind::session, keypair);
}

bool IndexTable::unpublish(crypto::ReceiverIndex index) {
    return change(index, Kind::session, Kind::unpublished, 0) ||
           change(index, Kind::handshake, Kind::unpublished, 0);
}

bool IndexTable::recycle(crypto::ReceiverIndex index) {
    if (find(index, Kind::unpublished) == kNone) return false;
    const std::uint32_t slot = index.value.host() & mask_;
    slots_[slot].store(0, std::memory_order_relaxed);
    free_.push_back(slot);
    return true;
}

bool IndexTable::change(crypto::ReceiverIndex index, Kind from, Kind to, std::uint32_t id) {
    if (find(index, from) == kNone) return false;
    const std::uint32_t host = index.value.host();
    slots_[host & mask_].store(make_slot(host, to, id), std::memory_order_release);
    return true;
}

}  // namespace ringway::dataplane
