#include "dataplane/neighbour_table.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <numeric>

namespace ringway::dataplane {

NeighbourTable::NeighbourTable(std::size_t capacity, std::uint64_t seed, Reclaimer& reclaimer)
    : capacity_(capacity),
      seed_(seed),
      reclaimer_(reclaimer),
      buckets_(std::bit_ceil(std::max<std::size_t>(capacity, 1) * 2)),
      entries_(capacity),
      free_(capacity) {
    assert(capacity < kEnd);
    for (auto& bucket : buckets_)
        bucket.store(kEnd, std::memory_order_relaxed);
    std::iota(free_.rbegin(), free_.rend(), EntryIndex{0});
}

bool NeighbourTable::set(PortIndex port, const IpAddress& address, const Neighbour& neighbour) {
    if (neighbour.state == NeighbourState::absent) {
        remove(port, address);
        return true;
    }
    if (const EntryIndex known = find(port, address); known != kEnd) {
        entries_[known].word.store(pack(neighbour), std::memory_order_relaxed);
        return true;
    }
    if (free_.empty()) return false;

    const EntryIndex index = free_.back();
    free_.pop_back();
    auto& bucket = buckets_[bucket_of(port, address)];
    Entry& entry = entries_[index];
    entry.port = port;
    entry.address = address;
    entry.word.store(pack(neighbour), std::memory_order_relaxed);
    entry.used.store(false, std::memory_order_relaxed);
    entry.next.store(bucket.load(std::memory_order_relaxed), std::memory_order_relaxed);
    bucket.store(index, std::memory_order_release);
    return true;
}

bool NeighbourTable::remove(PortIndex port, const IpAddress& address) {
    const EntryIndex index = find(port, address);
    if (index == kEnd) return false;
    auto* link = &buckets_[bucket_of(port, address)];
    while (link->load(std::memory_order_relaxed) != index)
        link = &entries_[link->load(std::memory_order_relaxed)].next;
    unlink(*link);
    return true;
}

void NeighbourTable::remove_port(PortIndex port) {
    for (auto& bucket : buckets_) {
        for (auto* link = &bucket; link->load(std::memory_order_relaxed) != kEnd;) {
            Entry& entry = entries_[link->load(std::memory_order_relaxed)];
            if (entry.port == port) {
                unlink(*link);
            } else {
                link = &entry.next;
            }
        }
    }
}

// The entry keeps its own `next`: a reader that stands on it still finds the rest of the chain.
void NeighbourTable::unlink(std::atomic<EntryIndex>& link) {
    const EntryIndex index = link.load(std::memory_order_relaxed);
    link.store(entries_[index].next.load(std::memory_order_relaxed), std::memory_order_release);
    ++recycling_;
    reclaimer_.defer([this, index] {
        free_.push_back(index);
        --recycling_;
    });
}

void NeighbourTable::for_each(const Visit& visit) const {
    for (const auto& bucket : buckets_) {
        for (EntryIndex i = bucket.load(std::memory_order_relaxed); i != kEnd;
             i = entries_[i].next.load(std::memory_order_relaxed)) {
            visit(entries_[i].port, entries_[i].address,
                  unpack(entries_[i].word.load(std::memory_order_relaxed)));
        }
    }
}

void NeighbourTable::for_each_used(const Visit& visit) {
    for (const auto& bucket : buckets_) {
        for (EntryIndex i = bucket.load(std::memory_order_relaxed); i != kEnd;
             i = entries_[i].next.load(std::memory_order_relaxed)) {
            Entry& entry = entries_[i];
            if (!entry.used.exchange(false, std::memory_order_relaxed)) continue;
            visit(entry.port, entry.address, unpack(entry.word.load(std::memory_order_relaxed)));
        }
    }
}

Neighbour NeighbourTable::lookup(PortIndex port, const IpAddress& address) const {
    const EntryIndex index = find(port, address);
    if (index == kEnd) return {};
    const Entry& entry = entries_[index];
    // Read first: a line that every lcore writes for every packet would bounce between them.
    if (!entry.used.load(std::memory_order_relaxed)) entry.used.store(true, std::memory_order_relaxed);
    return unpack(entry.word.load(std::memory_order_relaxed));
}

Neighbour NeighbourTable::peek(PortIndex port, const IpAddress& address) const {
    const EntryIndex index = find(port, address);
    return index == kEnd ? Neighbour{} : unpack(entries_[index].word.load(std::memory_order_relaxed));
}

NeighbourTable::EntryIndex NeighbourTable::find(PortIndex port, const IpAddress& address) const {
    EntryIndex index = buckets_[bucket_of(port, address)].load(std::memory_order_acquire);
    while (index != kEnd && (entries_[index].port != port || entries_[index].address != address)) {
        index = entries_[index].next.load(std::memory_order_acquire);
    }
    return index;
}

// Multiply and fold, once for each half of the address, in the manner of wyhash.
std::size_t NeighbourTable::bucket_of(PortIndex port, const IpAddress& address) const {
    __extension__ using Wide = unsigned __int128;
    const auto fold = [](std::uint64_t a, std::uint64_t b) {
        const Wide product = Wide{a} * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), address.bytes.data(), sizeof(halves));
    const std::uint64_t kind = std::uint64_t{port} << 8 | static_cast<std::uint64_t>(address.family);
    const std::uint64_t first = fold(halves[0] ^ seed_, kind ^ 0x9e3779b97f4a7c15);
    return fold(halves[1] ^ first, seed_ ^ 0xd6e8feb86659fd93) & (buckets_.size() - 1);
}

// Six bytes of MAC address and one of state.
std::uint64_t NeighbourTable::pack(const Neighbour& neighbour) {
    std::uint64_t word = 0;
    std::memcpy(&word, neighbour.mac.data(), neighbour.mac.size());
    return word | std::uint64_t{static_cast<std::uint8_t>(neighbour.state)} << 56;
}

Neighbour NeighbourTable::unpack(std::uint64_t word) {
    Neighbour neighbour{.state = static_cast<NeighbourState>(word >> 56)};
    std::memcpy(neighbour.mac.data(), &word, neighbour.mac.size());
    return neighbour;
}

}  // namespace ringway::dataplane
