#pragma once

// The wire format of in-band messages (P14): what one gateway's control side tells another's, addressed by
// public key, inside an ordinary transport message. No addresses, routes or allowed IPs are needed for it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "crypto/endian.h"
#include "dataplane/drop_reason.h"

namespace ringway::dataplane {

/// Stands at the start of the plaintext, where an IP packet has its version in the high nibble. 15 is no
/// version (reserved by IANA), so whoever speaks plain WireGuard drops the packet once it is open, as he
/// must drop anything that is not IP, and his session goes on. The payload follows, then the padding that
/// every plaintext gets.
struct InBandHeader {
    std::array<std::uint8_t, 4> magic;
    std::uint8_t version;
    std::uint8_t kind;
    crypto::Be16 payload_bytes;
    crypto::Be64 id;  ///< the sender's name for the message; rises with each
};
static_assert(sizeof(InBandHeader) == 16 && alignof(InBandHeader) == 1);

inline constexpr std::array<std::uint8_t, 4> kInBandMagic{0xf7, 'R', 'w', 'M'};
static_assert((kInBandMagic[0] >> 4) != 4 && (kInBandMagic[0] >> 4) != 6);
inline constexpr std::uint8_t kInBandVersion = 1;
inline constexpr std::uint8_t kInBandMessage = 1;  ///< the only kind so far: a payload for people or programs
/// What a message may carry, where the tunnel's MTU leaves room for it.
inline constexpr std::size_t kMaxInBandPayload = 1024;

/// A message as it lies in a plaintext: `payload` points into that.
struct InBandMessage {
    std::uint64_t id = 0;
    std::span<const std::uint8_t> payload;
};

/// The most that one message may carry in a tunnel of that MTU.
[[nodiscard]] constexpr std::size_t max_in_band_payload(std::size_t mtu) {
    const std::size_t room = mtu > sizeof(InBandHeader) ? mtu - sizeof(InBandHeader) : 0;
    return room < kMaxInBandPayload ? room : kMaxInBandPayload;
}

/// Writes header and payload, sizeof(InBandHeader) + payload.size() bytes, to `out`. REQUIRES: a payload of 1
/// to kMaxInBandPayload bytes.
void write_in_band(std::uint8_t* out, const InBandMessage& message);

/// Proves a plaintext that is no IP packet to be a message, and reads it into `out`. Why it must be dropped,
/// or nothing; `out` is not touched then.
[[nodiscard]] std::optional<DropReason> read_in_band(std::span<const std::uint8_t> plaintext,
                                                     InBandMessage& out);

}  // namespace ringway::dataplane
