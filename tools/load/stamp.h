#pragma once

// What our inner packets carry behind their UDP header, so that each can be told apart, timed and checked:
// 16 bytes of stamp, and a filling that a seed repeats. An IPv6 packet of 64 bytes has room for just that.

#include <cstdint>
#include <cstring>
#include <span>

namespace ringway::load {

/// Little-endian, as this machine is.
struct Stamp {
    std::uint32_t flow;
    std::uint32_t sequence;  ///< of the flow, its low 32 bits
    std::uint32_t time;      ///< of sending in units of 4 ns, or which prepared packet it is
    std::uint32_t check;     ///< over the others
};

inline constexpr std::size_t kStampBytes = sizeof(Stamp);
static_assert(kStampBytes == 16);

/// Units of Stamp::time.
inline constexpr unsigned kStampTimeShift = 2;
[[nodiscard]] constexpr std::uint32_t stamp_time(std::uint64_t nanoseconds) {
    return static_cast<std::uint32_t>(nanoseconds >> kStampTimeShift);
}
/// Nanoseconds between two such times, 17 s at most.
[[nodiscard]] constexpr std::uint64_t stamp_age(std::uint32_t then, std::uint64_t now) {
    return std::uint64_t{stamp_time(now) - then} << kStampTimeShift;
}

[[nodiscard]] inline std::uint32_t check_of(const Stamp& stamp) {
    constexpr std::uint64_t kOdd1 = 0x9e3779b97f4a7c15;
    constexpr std::uint64_t kOdd2 = 0xc2b2ae3d27d4eb4f;
    const std::uint64_t mixed = ((std::uint64_t{stamp.flow} << 32 | stamp.sequence) + kOdd1) * kOdd2;
    return static_cast<std::uint32_t>(((mixed ^ stamp.time) * kOdd1) >> 32);
}

/// Writes a stamp with its check to `out`.
inline void write_stamp(std::uint8_t* out, std::uint32_t flow, std::uint32_t sequence, std::uint32_t time) {
    Stamp stamp{.flow = flow, .sequence = sequence, .time = time, .check = 0};
    stamp.check = check_of(stamp);
    std::memcpy(out, &stamp, sizeof(stamp));
}
[[nodiscard]] inline Stamp read_stamp(const std::uint8_t* from) {
    Stamp stamp;
    std::memcpy(&stamp, from, sizeof(stamp));
    return stamp;
}

/// Fills `out`: the seed, and what follows from it. A shorter filling is the beginning of a longer one.
void write_filling(std::span<std::uint8_t> out, std::uint64_t seed);
/// Whether `bytes` is what write_filling() makes of some seed.
[[nodiscard]] bool filling_is_whole(std::span<const std::uint8_t> bytes);

}  // namespace ringway::load
