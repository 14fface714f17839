#include "dataplane/headers.h"

#include <cstring>

namespace ringway::dataplane {

std::uint32_t ones_sum(std::span<const std::uint8_t> bytes) {
    // Summed in machine order, four bytes at a time, and swapped once at the end: the ones'
    // complement sum does not care (RFC 1071, section 2).
    std::uint64_t sum = 0;
    std::size_t i = 0;
    for (; i + 4 <= bytes.size(); i += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + i, sizeof(word));
        sum += word;
    }
    std::uint32_t rest = 0;
    std::memcpy(&rest, bytes.data() + i, bytes.size() - i);
    sum += rest;
    return Be16(fold(sum)).raw();
}

bool propagate_congestion(std::uint8_t outer_ds, Family inner, std::uint8_t* inner_header) {
    if ((outer_ds & kCongestionExperienced) != kCongestionExperienced) return true;
    // The DS field straddles the first two bytes of an IPv6 header.
    std::uint8_t& byte = inner_header[1];
    const unsigned shift = inner == Family::v4 ? 0 : 4;
    const unsigned ecn = (byte >> shift) & kCongestionExperienced;
    if (ecn == 0) return false;
    if (ecn == kCongestionExperienced) return true;
    const auto added = static_cast<std::uint8_t>(kCongestionExperienced & ~ecn);
    byte = static_cast<std::uint8_t>(byte | (kCongestionExperienced << shift));
    if (inner == Family::v4) {
        Be16 checksum;
        std::memcpy(&checksum, inner_header + offsetof(Ipv4Header, checksum), sizeof(checksum));
        // The sum went up by the bits added, so its complement goes down (RFC 1624, eqn. 3).
        checksum = Be16(static_cast<std::uint16_t>(
            ~fold(std::uint64_t{static_cast<std::uint16_t>(~checksum.host())} + added)));
        std::memcpy(inner_header + offsetof(Ipv4Header, checksum), &checksum, sizeof(checksum));
    }
    return true;
}

}  // namespace ringway::dataplane
