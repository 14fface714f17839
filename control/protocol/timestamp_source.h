#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "crypto/tai64n.h"

namespace ringway::control::protocol {

/// The wall clock: nanoseconds since the Unix epoch. It may jump either way.
using WallClock = std::function<std::uint64_t()>;

/// Makes the timestamps of initiations. A peer accepts only a timestamp greater than our last one,
/// so those sent to one peer rise strictly, whatever the clock does, and no timestamp is ever below
/// one sent before: that one number is all that has to survive a restart.
class TimestampSource {
  public:
    explicit TimestampSource(WallClock wall_clock) : wall_clock_(std::move(wall_clock)) {}

    /// The timestamp for a peer whose last one was `last`, which it replaces.
    crypto::Tai64n advance(crypto::Tai64n& last) {
        crypto::Tai64n timestamp = std::max(crypto::Tai64n::from_unix(wall_clock_()), greatest_);
        if (timestamp <= last) timestamp = last.next();
        greatest_ = std::max(greatest_, timestamp);
        return last = timestamp;
    }
    /// The greatest timestamp sent to anyone.
    [[nodiscard]] const crypto::Tai64n& greatest() const { return greatest_; }
    void restore(const crypto::Tai64n& greatest) { greatest_ = std::max(greatest_, greatest); }

    [[nodiscard]] std::uint64_t unix_now() const { return wall_clock_(); }

  private:
    WallClock wall_clock_;
    crypto::Tai64n greatest_;
};

}  // namespace ringway::control::protocol
