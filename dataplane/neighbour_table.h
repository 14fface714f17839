#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "dataplane/endpoint.h"
#include "dataplane/headers.h"
#include "dataplane/ip_address.h"
#include "dataplane/reclaim.h"

namespace ringway::dataplane {

enum class NeighbourState : std::uint8_t {
    absent,  ///< not known: ask the kernel to resolve it
    usable,  ///< the MAC address holds
    failed,  ///< resolution failed: drop by name
};

/// What a look-up finds. The MAC address is meaningful only when usable.
struct Neighbour {
    MacAddress mac{};
    NeighbourState state = NeighbourState::absent;

    bool operator==(const Neighbour&) const = default;
    [[nodiscard]] bool is_usable() const { return state == NeighbourState::usable; }
};

/// Who has which link-layer address behind which port: the mirror of the kernel's neighbour tables.
/// One writer (the control thread), any number of readers (lcores, inside an RCU read section).
///
/// A hash table with chains, its entries taken at start-up. An entry's key never changes while a
/// reader can reach it; MAC and state are one word, so that they change together. Removed entries wait
/// in the reclaimer, which REQUIRES Reclaimer::drain() before the table's end.
class NeighbourTable {
  public:
    /// `seed` keeps neighbours from choosing their chain: take it from crypto::Random. Throws std::bad_alloc.
    NeighbourTable(std::size_t capacity, std::uint64_t seed, Reclaimer& reclaimer);
    NeighbourTable(const NeighbourTable&) = delete;
    NeighbourTable& operator=(const NeighbourTable&) = delete;

    /// Adds a neighbour or changes what is known about it; `absent` removes it. False, changing nothing,
    /// when the table is full; entries that wait for a grace period still count. Control thread.
    [[nodiscard]] bool set(PortIndex port, const IpAddress& address, const Neighbour& neighbour);
    /// False if there was none. Control thread.
    bool remove(PortIndex port, const IpAddress& address);
    /// Removes all neighbours behind a port. Control thread.
    void remove_port(PortIndex port);

    /// Control thread.
    using Visit = std::function<void(PortIndex, const IpAddress&, const Neighbour&)>;
    void for_each(const Visit& visit) const;
    /// Those that were looked up since the last call: the kernel must keep them alive. Control thread.
    void for_each_used(const Visit& visit);

    /// What is known of a neighbour; also notes that it is in use. Any thread, inside an RCU read section.
    [[nodiscard]] Neighbour lookup(PortIndex port, const IpAddress& address) const;
    /// The same for people, which does not count as use. Control thread.
    [[nodiscard]] Neighbour peek(PortIndex port, const IpAddress& address) const;

    /// Control thread.
    [[nodiscard]] std::size_t size() const { return capacity_ - free_.size() - recycling_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

  private:
    using EntryIndex = std::uint32_t;
    static constexpr EntryIndex kEnd = 0xffffffff;

    struct alignas(64) Entry {
        std::atomic<EntryIndex> next{kEnd};     // control: wo, lcores: ro
        PortIndex port = kNoPort;               // fixed while reachable
        IpAddress address;                      // fixed while reachable
        std::atomic<std::uint64_t> word{0};     // control: wo, lcores: ro; see pack()
        mutable std::atomic<bool> used{false};  // lcores set, control clears
    };

    [[nodiscard]] static std::uint64_t pack(const Neighbour& neighbour);
    [[nodiscard]] static Neighbour unpack(std::uint64_t word);
    [[nodiscard]] std::size_t bucket_of(PortIndex port, const IpAddress& address) const;
    [[nodiscard]] EntryIndex find(PortIndex port, const IpAddress& address) const;
    /// Takes the entry that `link` points to out of its chain and gives it back after a grace period.
    void unlink(std::atomic<EntryIndex>& link);

    std::size_t capacity_;
    std::uint64_t seed_;
    Reclaimer& reclaimer_;
    std::vector<std::atomic<EntryIndex>> buckets_;  // control: wo, lcores: ro
    std::vector<Entry> entries_;
    std::vector<EntryIndex> free_;  // control only
    std::size_t recycling_ = 0;     // unlinked, waiting for a grace period; control only
};

}  // namespace ringway::dataplane
