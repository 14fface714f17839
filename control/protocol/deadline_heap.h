#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "control/protocol/plane.h"

namespace ringway::control::protocol {

/// The next deadline of every peer that has one, soonest first: a binary heap that knows where each
/// peer stands in it. All memory is taken at construction; cost follows the peers with a deadline.
class DeadlineHeap {
  public:
    struct Entry {
        Nanoseconds deadline;
        PeerId peer;
    };

    explicit DeadlineHeap(std::size_t max_peers);

    /// Gives the peer this deadline in place of the one it may have.
    void set(PeerId peer, Nanoseconds deadline);
    /// The peer has no deadline any more.
    void clear(PeerId peer);
    [[nodiscard]] std::optional<Entry> soonest() const;
    [[nodiscard]] std::size_t size() const { return heap_.size(); }

  private:
    void place(std::size_t position, const Entry& entry);
    void sift_up(std::size_t position, const Entry& entry);
    void sift_down(std::size_t position, const Entry& entry);
    void settle(std::size_t position, const Entry& entry);

    static constexpr std::uint32_t kAbsent = 0xffffffff;

    std::vector<Entry> heap_;
    std::vector<std::uint32_t> position_;  ///< by peer; kAbsent without a deadline
};

}  // namespace ringway::control::protocol
