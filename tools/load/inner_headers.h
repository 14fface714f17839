#pragma once

#include <array>
#include <cstdint>

#include "tools/load/numbering.h"

namespace ringway::load {

/// Writes IP and UDP headers of inner packets between two ranges of addresses. The UDP checksum is left out:
/// no router looks at it, and we check more than it does.
class InnerHeaders {
  public:
    /// REQUIRES: both are of one family.
    InnerHeaders(const IpAddress& first_source, const IpAddress& first_destination);

    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] Family family() const { return family_; }
    /// bytes() of headers to `out`, for a packet of `size` bytes in all, from the n-th source to the n-th
    /// destination.
    void write(std::uint8_t* out, std::uint16_t size, std::uint32_t source, std::uint32_t destination,
               std::uint16_t source_port) const;

  private:
    Family family_;
    std::size_t bytes_;
    std::uint32_t source_low_;  ///< last 32 bits of the first source
    std::uint32_t destination_low_;
    std::uint32_t sum_ = 0;  ///< of the IPv4 header but for its length and addresses
    std::array<std::uint8_t, 48> headers_{};
};

}  // namespace ringway::load
