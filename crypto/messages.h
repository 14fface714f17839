#pragma once

// Every message of the WireGuard protocol as it lies on the wire, and every number the protocol
// fixes. Source: J. Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel" (the WireGuard
// paper), sections 5.4 and 6; the replay window's size is the Linux kernel's.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "crypto/endian.h"

namespace ringway::crypto {

/// A session's or handshake's name on one side, chosen by that side, echoed by the other.
/// Little-endian on the wire; unpredictable to anyone who has not seen it.
struct ReceiverIndex {
    Le32 value;
    constexpr bool operator==(const ReceiverIndex&) const = default;
};

/// The first four bytes of a message, read as one little-endian word: the type in the first byte
/// and three reserved bytes, which must be zero.
enum class MessageType : std::uint32_t {
    initiation = 1,
    response = 2,
    cookie_reply = 3,
    transport = 4,
};

inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kMacBytes = 16;
inline constexpr std::size_t kCookieBytes = 16;
inline constexpr std::size_t kCookieNonceBytes = 24;
inline constexpr std::size_t kTimestampBytes = 12;

struct Macs {
    std::array<std::uint8_t, kMacBytes> mac1;
    std::array<std::uint8_t, kMacBytes> mac2;
};

struct MessageInitiation {
    Le32 type;
    ReceiverIndex sender;
    std::array<std::uint8_t, 32> unencrypted_ephemeral;
    std::array<std::uint8_t, 32 + kTagBytes> encrypted_static;
    std::array<std::uint8_t, kTimestampBytes + kTagBytes> encrypted_timestamp;
    Macs macs;
};

struct MessageResponse {
    Le32 type;
    ReceiverIndex sender;
    ReceiverIndex receiver;
    std::array<std::uint8_t, 32> unencrypted_ephemeral;
    std::array<std::uint8_t, kTagBytes> encrypted_nothing;
    Macs macs;
};

struct MessageCookieReply {
    Le32 type;
    ReceiverIndex receiver;
    std::array<std::uint8_t, kCookieNonceBytes> nonce;
    std::array<std::uint8_t, kCookieBytes + kTagBytes> encrypted_cookie;
};

/// The header of a transport message; the ciphertext and its tag follow.
struct MessageTransport {
    Le32 type;
    ReceiverIndex receiver;
    Le64 counter;
};

static_assert(sizeof(MessageInitiation) == 148);
static_assert(sizeof(MessageResponse) == 92);
static_assert(sizeof(MessageCookieReply) == 64);
static_assert(sizeof(MessageTransport) == 16);

/// A transport message with an empty packet: a keepalive. Nothing shorter is a transport message.
inline constexpr std::size_t kTransportMinimumBytes = sizeof(MessageTransport) + kTagBytes;
/// Plaintext is zero-padded to a multiple of this (paper section 5.4.6), never past the MTU.
inline constexpr std::size_t kPaddingMultiple = 16;

// The WireGuard paper, section 6.1, table 2.
inline constexpr std::uint64_t kRekeyAfterMessages = 1ULL << 60;
inline constexpr std::uint64_t kRejectAfterMessages = ~0ULL - (1ULL << 13);
inline constexpr std::chrono::nanoseconds kRekeyAfterTime = std::chrono::seconds(120);
inline constexpr std::chrono::nanoseconds kRejectAfterTime = std::chrono::seconds(180);
inline constexpr std::chrono::nanoseconds kRekeyAttemptTime = std::chrono::seconds(90);
inline constexpr std::chrono::nanoseconds kRekeyTimeout = std::chrono::seconds(5);
inline constexpr std::chrono::nanoseconds kRekeyTimeoutJitterMax = std::chrono::milliseconds(333);
inline constexpr std::chrono::nanoseconds kKeepaliveTimeout = std::chrono::seconds(10);
inline constexpr std::chrono::nanoseconds kCookieSecretMaxAge = std::chrono::seconds(120);
inline constexpr std::chrono::nanoseconds kCookieSecretLatency = std::chrono::seconds(5);
/// Initiations of one peer closer together than this are ignored (the kernel's 1/50 s).
inline constexpr std::chrono::nanoseconds kInitiationMinimumGap = std::chrono::milliseconds(20);
inline constexpr std::size_t kMaxStagedPackets = 128;

/// Bits in the replay bitmap, and how many of them are window (the rest is the word that slides).
inline constexpr std::size_t kReplayBitmapBits = 8192;
inline constexpr std::size_t kReplayWindow = kReplayBitmapBits - 64;

static_assert(kRejectAfterMessages == UINT64_MAX - 8192);

}  // namespace ringway::crypto
