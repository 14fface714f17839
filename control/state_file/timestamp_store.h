#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "crypto/tai64n.h"

namespace ringway::control {

/// Keeps, over restarts, a bound on the timestamps that initiations have carried. Peers refuse one
/// that is not greater than our last, so a gateway whose clock went back in a restart (no RTC, a
/// restored virtual machine) must begin above it.
///
/// The disk is not touched for each handshake: the file holds a reservation that runs ahead of the
/// clock, and is renewed when half of it is used up. After a crash the gateway begins at the
/// reservation, at most `ahead` in the future, and goes on from there in the smallest steps until
/// its clock is past it; nothing but order matters to a peer. A clean stop writes the exact value.
///
/// One thread. Writing waits for the disk.
class TimestampStore {
  public:
    static constexpr std::chrono::seconds kAhead = std::chrono::minutes(10);

    explicit TimestampStore(std::filesystem::path path, std::chrono::seconds ahead = kAhead)
        : path_(std::move(path)), ahead_(ahead) {}

    enum class Outcome : std::uint8_t {
        restored,
        missing,   ///< nothing was kept: the first start, or the file was removed
        unusable,  ///< there is something, and it can't be trusted
    };
    struct Restored {
        Outcome outcome = Outcome::missing;
        crypto::Tai64n timestamp;  ///< not below any sent before; zero unless restored
        std::string message;       ///< for the log: what happened and what follows from it
    };

    /// Reads what an earlier run left. Never fatal: without it handshakes work as long as the clock
    /// did not go back.
    [[nodiscard]] Restored restore();

    /// Sees to it that the file stays ahead of the clock (nanoseconds since the Unix epoch) and of
    /// the greatest timestamp sent or restored. To be called whenever the loop takes a new `unix_now`,
    /// before a handshake can use it; nearly always it only compares. After an error, which says what
    /// failed, it tries again once kRetry has gone by.
    [[nodiscard]] tl::expected<void, std::string> keep_ahead(std::uint64_t unix_now,
                                                             const crypto::Tai64n& greatest_sent);

    /// Gives the unused rest of the reservation back. For a clean stop: nothing may be sent afterwards.
    [[nodiscard]] tl::expected<void, std::string> finish(const crypto::Tai64n& greatest_sent);

    static constexpr std::chrono::seconds kRetry{10};

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    [[nodiscard]] tl::expected<void, std::string> write(const crypto::Tai64n& timestamp);

    std::filesystem::path path_;
    std::chrono::seconds ahead_;
    crypto::Tai64n reserved_;
    std::uint64_t failed_at_ = 0;  ///< 0: the last write succeeded
};

}  // namespace ringway::control
