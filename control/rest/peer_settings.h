#pragma once

#include <optional>
#include <string>

#include "config/configuration.h"
#include "control/view/json.h"
#include "crypto/keys.h"

namespace ringway::control::rest {

// The settings of a peer as the body of a request has them. Any thread.

/// JSON that may hold a preshared key, which is wiped with it. (What nlohmann's parser held meanwhile is
/// not: see README, Security.)
class SecretJson {
  public:
    explicit SecretJson(Json json) : json(std::move(json)) {}
    ~SecretJson();
    SecretJson(const SecretJson&) = delete;
    SecretJson& operator=(const SecretJson&) = delete;

    Json json;
};

/// A key in base64url without padding, or nothing: then the path names the peer by its name.
[[nodiscard]] std::optional<crypto::PublicKey> key_from_path(const std::string& text);

/// By the rules of the configuration file. The peer that the path means, if there is one, keeps its key.
/// Throws Problem, naming the field.
[[nodiscard]] config::Peer read_peer(const Json& settings, const std::optional<crypto::PublicKey>& in_path);

}  // namespace ringway::control::rest
