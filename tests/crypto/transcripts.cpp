#include "tests/crypto/transcripts.h"

#include <yaml-cpp/yaml.h>

#include "tests/crypto/hex.h"

namespace ringway::tests {

namespace {

void read(std::vector<std::uint8_t>& out, const YAML::Node& node) {
    out = from_hex(node.as<std::string>());
}

void read(std::uint32_t& out, const YAML::Node& node) {
    out = node.as<std::uint32_t>();
}

template <std::size_t Size>
void read(std::array<std::uint8_t, Size>& out, const YAML::Node& node) {
    out = array_from_hex<Size>(node.as<std::string>());
}

}  // namespace

Transcript::Transcript(const YAML::Node& node) : name(node["name"].as<std::string>()) {
    read(initiator_private, node["initiator_private"]);
    read(initiator_public, node["initiator_public"]);
    read(initiator_ephemeral, node["initiator_ephemeral"]);
    read(responder_private, node["responder_private"]);
    read(responder_public, node["responder_public"]);
    read(responder_ephemeral, node["responder_ephemeral"]);
    read(preshared_key, node["preshared_key"]);
    read(timestamp, node["timestamp"]);
    read(initiator_index, node["initiator_index"]);
    read(responder_index, node["responder_index"]);
    read(initiation, node["initiation"]);
    read(initiation_with_cookie, node["initiation_with_cookie"]);
    read(response, node["response"]);
    read(response_with_cookie, node["response_with_cookie"]);
    read(initiator_sends, node["initiator_sends"]);
    read(responder_sends, node["responder_sends"]);
    read(source, node["source"]);
    read(cookie_secret, node["cookie_secret"]);
    read(cookie_nonce, node["cookie_nonce"]);
    read(cookie_reply_to_initiation, node["cookie_reply_to_initiation"]);
    read(cookie_reply_to_response, node["cookie_reply_to_response"]);
}

const std::vector<Transcript>& transcripts() {
    // JSON is YAML.
    static const auto all = [] {
        std::vector<Transcript> read;
        for (const auto& node : YAML::LoadFile(TRANSCRIPTS_FILE)) {
            read.emplace_back(node);
        }
        return read;
    }();
    return all;
}

}  // namespace ringway::tests
