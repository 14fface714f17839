#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "dataplane/clock.h"

namespace ringway::load {

using dataplane::Nanoseconds;

/// How many packets of a closed loop are under way. One that has not come after kPatience is taken for lost.
class Outstanding {
  public:
    static constexpr Nanoseconds kPatience = 100'000'000;

    /// Packets sent and arrived so far, both only ever growing.
    [[nodiscard]] std::uint64_t count(std::uint64_t sent, std::uint64_t arrived, Nanoseconds now) {
        if (now - noted_at_ >= kPatience / kNotes) {
            noted_at_ = now;
            std::uint64_t& note = notes_[next_++ % kNotes];
            if (note > arrived + lost_) lost_ = note - arrived;  // sent a patience ago
            note = sent;
        }
        return sent > arrived + lost_ ? sent - arrived - lost_ : 0;
    }

  private:
    static constexpr std::size_t kNotes = 16;

    std::array<std::uint64_t, kNotes> notes_{};  ///< packets sent, at moments in a row
    std::size_t next_ = 0;
    Nanoseconds noted_at_ = 0;
    std::uint64_t lost_ = 0;
};

}  // namespace ringway::load
