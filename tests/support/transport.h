#pragma once

#include <cstring>
#include <optional>

#include "crypto/aead.h"
#include "crypto/messages.h"
#include "tests/support/packets.h"
#include "tests/support/test_gateway.h"

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

/// The session that `from` sends to `to` by. REQUIRES: it has one.
[[nodiscard]] inline const dataplane::Keypair& keypair_to(TestGateway& from, const TestGateway& to) {
    return from.plane().keypairs[from.plane().peers[from.peer(to)].outbound.glance().keypair];
}

/// What `from` would send to `to`: `plaintext` sealed as its packet `number`.
[[nodiscard]] inline Bytes sealed_for(TestGateway& from, const TestGateway& to,
                                      std::span<const std::uint8_t> plaintext, std::uint64_t number) {
    const dataplane::Keypair& keypair = keypair_to(from, to);
    const crypto::MessageTransport header{crypto::Le32(4), keypair.remote_index, crypto::Le64(number)};
    Bytes message(sizeof(header) + plaintext.size() + crypto::kTagBytes);
    std::memcpy(message.data(), &header, sizeof(header));
    crypto::aead_seal({message.data() + sizeof(header), plaintext.size() + crypto::kTagBytes},
                      keypair.keys->send, number, plaintext, {});
    return message;
}

}  // namespace ringway::tests
