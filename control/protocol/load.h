#pragma once

#include <chrono>
#include <cstddef>

#include "control/protocol/plane.h"

namespace ringway::control::protocol {

/// Decides whether a tunnel's handshake messages need cookies: while its queue of messages waiting for
/// the engine is an eighth full or more, and for a second after (kernel: wg_receive_handshake_packet).
class LoadMonitor {
  public:
    explicit LoadMonitor(std::size_t queue_capacity) : threshold_(queue_capacity / 8) {}

    void note_queue_depth(std::size_t depth, Nanoseconds now) {
        if (depth >= threshold_) loaded_until_ = now + kHold;
    }
    [[nodiscard]] bool under_load(Nanoseconds now) const { return now < loaded_until_; }

  private:
    static constexpr Nanoseconds kHold = std::chrono::nanoseconds(std::chrono::seconds(1)).count();

    std::size_t threshold_;
    Nanoseconds loaded_until_ = 0;
};

}  // namespace ringway::control::protocol
