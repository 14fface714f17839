#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>

#include "dataplane/clock.h"
#include "tools/load/counts.h"
#include "tools/load/link.h"

namespace ringway::load {

using dataplane::Nanoseconds;

/// Where one direction's packets come from. What the device refuses waits here and goes first next time. One
/// thread.
class Source {
  public:
    Source(Link& link, DirectionCounts& counts) : link_(link), counts_(counts) {}
    virtual ~Source();
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// Sends up to `most` packets; how many the device took. Never allocates.
    std::uint32_t send(std::uint32_t most, Nanoseconds now);
    /// Packets that the device has refused so far.
    [[nodiscard]] std::uint32_t waiting() const { return end_ - begin_; }
    /// Forgets those.
    void discard();
    /// Whether there is nothing more to send before it is filled again.
    [[nodiscard]] virtual bool is_used_up() const { return false; }

  protected:
    /// Makes up to `most` frames at `out`, with the size of the inner packet in `sizes`; how many.
    virtual std::uint32_t make(rte_mbuf** out, std::uint16_t* sizes, std::uint32_t most, Nanoseconds now) = 0;

  private:
    static constexpr std::uint32_t kCapacity = Link::kBurst;

    Link& link_;
    DirectionCounts& counts_;
    std::array<rte_mbuf*, kCapacity> frames_{};
    std::array<std::uint16_t, kCapacity> sizes_{};
    std::uint32_t begin_ = 0;
    std::uint32_t end_ = 0;
};

}  // namespace ringway::load
