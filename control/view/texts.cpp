#include "control/view/texts.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "config/base64.h"

namespace ringway::control {

std::string key_text(const crypto::PublicKey& key) {
    return config::base64_encode(key.bytes);
}

std::string key_in_path(const crypto::PublicKey& key) {
    return config::base64_encode(key.bytes, config::Base64::url);
}

std::string time_text(std::uint64_t unix_nanoseconds) {
    const auto seconds = static_cast<std::time_t>(unix_nanoseconds / 1'000'000'000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds),
                       unix_nanoseconds / 1'000'000 % 1000);
}

std::string endpoint_text(const dataplane::Endpoint& endpoint) {
    const bool v6 = endpoint.remote.family == dataplane::Family::v6;
    return fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), endpoint.remote.to_string(),
                       endpoint.remote_port);
}

}  // namespace ringway::control
