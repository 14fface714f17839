#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "control/events/event.h"

namespace ringway::control {

/// The last events, numbered. The control thread writes and never waits for a reader: who reads too
/// slowly finds that what it wants has been overwritten, and says so to whom it serves. Readers on any
/// thread copy an event and look whether it was written meanwhile, as with EndpointLock.
class Journal {
  public:
    /// Keeps that many events, rounded up to a power of two. `epoch` tells one run of the gateway from
    /// another: sequence numbers begin anew with each.
    Journal(std::size_t events, std::uint64_t epoch);

    /// Gives the event its number. Control thread; allocates nothing and does not block.
    void append(Event& event);

    /// The event of that number, or nothing if it is gone or not there yet. Any thread.
    [[nodiscard]] std::optional<Event> read(std::uint64_t sequence) const;
    /// The number of the last event; 0: none yet. Any thread.
    [[nodiscard]] std::uint64_t newest() const { return newest_.load(std::memory_order_acquire); }
    /// The number of the oldest event that is sure to be there for a while; 1 at the least. Any thread.
    [[nodiscard]] std::uint64_t oldest() const;
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    /// From now on an event writes to this eventfd, which must not block; -1: none. Control thread.
    void set_wake(int eventfd) { wake_ = eventfd; }

  private:
    static constexpr std::size_t kWords = (sizeof(Event) + 7) / 8;
    struct Slot {
        std::atomic<std::uint64_t> sequence{0};  ///< 0: being written
        std::array<std::atomic<std::uint64_t>, kWords> words;
    };

    [[nodiscard]] const Slot& slot(std::uint64_t sequence) const {
        return slots_[sequence & (slots_.size() - 1)];
    }

    std::vector<Slot> slots_;
    std::uint64_t epoch_;
    std::atomic<std::uint64_t> newest_{0};
    int wake_ = -1;
};

}  // namespace ringway::control
