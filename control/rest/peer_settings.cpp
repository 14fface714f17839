#include "control/rest/peer_settings.h"

#include <sodium.h>

#include <algorithm>

#include "config/base64.h"
#include "config/load.h"
#include "control/convert.h"
#include "control/rest/problem.h"
#include "control/rest/wiped.h"

namespace ringway::control::rest {
namespace {

constexpr const char* kSecret = "preshared_key";
/// The field that a problem of the configuration reader names: "endpoint: ..." or "unknown key 'x', ...".
std::string field_in(const std::string& text) {
    if (text.starts_with("unknown key")) {
        const auto from = std::min(text.find('\''), text.size() - 1) + 1;
        return text.substr(from, text.find('\'', from) - from);
    }
    const std::string field = text.substr(0, text.find_first_of(": ["));
    return field == "persistent_keepalive" ? "persistent_keepalive_seconds" : field;
}

}  // namespace

SecretJson::~SecretJson() {
    const auto secret = json.find(kSecret);
    if (secret != json.end() && secret->is_string()) wipe(secret->get_ref<std::string&>());
}

std::optional<crypto::PublicKey> key_from_path(const std::string& text) {
    const auto key = config::decode_public_key(text, config::Base64::url);
    if (!key) return std::nullopt;
    return to_key(*key);
}

config::Peer read_peer(const Json& settings, const std::optional<crypto::PublicKey>& in_path) {
    if (settings.contains("persistent_keepalive"))
        throw Problem(422, "unknown field: did you mean persistent_keepalive_seconds?",
                      "persistent_keepalive");
    SecretJson wanted(settings);
    Json& json = wanted.json;
    if (const auto seconds = json.find("persistent_keepalive_seconds"); seconds != json.end()) {
        Json value = *seconds;
        json["persistent_keepalive"] = std::move(value);
        json.erase("persistent_keepalive_seconds");
    }
    if (in_path && !json.contains("public_key")) json["public_key"] = key_text(*in_path);
    std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    auto peer = config::load_peer(text, nullptr);
    wipe(text);
    if (!peer) {
        const auto& problems = peer.error();
        const std::string detail = problems.empty() ? "the peer can't be read" : problems.front().text;
        throw Problem(422, detail, field_in(detail));
    }
    if (in_path && to_key(peer->public_key) != *in_path)
        throw Problem(422, "not the key of the peer that the path names", "public_key");
    return std::move(*peer);
}

}  // namespace ringway::control::rest
