#pragma once

#include <cstring>
#include <optional>

#include "crypto/messages.h"
#include "tests/support/packets.h"

namespace ringway::tests {

/// The header of the transport message in a frame on the wire; nothing for a handshake message.
[[nodiscard]] inline std::optional<crypto::MessageTransport> transport_header(const Bytes& frame) {
    const Bytes packet = packet_of(frame);
    const std::span<const std::uint8_t> message = payload_of(packet);
    crypto::MessageTransport header;
    if (message.size() < sizeof(header) || message[0] != 4) return std::nullopt;
    std::memcpy(&header, message.data(), sizeof(header));
    return header;
}

}  // namespace ringway::tests
