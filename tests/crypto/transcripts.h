#pragma once

#include <yaml-cpp/node/node.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ringway::tests {

/// One handshake as transcript.py wrote it down: its inputs, and every byte that follows from them.
class Transcript {
  public:
    explicit Transcript(const YAML::Node& node);

    std::string name;
    std::array<std::uint8_t, 32> initiator_private, initiator_public, initiator_ephemeral;
    std::array<std::uint8_t, 32> responder_private, responder_public, responder_ephemeral;
    std::array<std::uint8_t, 32> preshared_key;
    std::array<std::uint8_t, 12> timestamp;
    std::uint32_t initiator_index, responder_index;
    std::array<std::uint8_t, 148> initiation, initiation_with_cookie;
    std::array<std::uint8_t, 92> response, response_with_cookie;
    std::array<std::uint8_t, 32> initiator_sends, responder_sends;

    std::vector<std::uint8_t> source;
    std::array<std::uint8_t, 32> cookie_secret;
    std::array<std::uint8_t, 24> cookie_nonce;
    std::array<std::uint8_t, 64> cookie_reply_to_initiation, cookie_reply_to_response;
};

/// All of transcripts.json.
[[nodiscard]] const std::vector<Transcript>& transcripts();

}  // namespace ringway::tests
