#include "control/console/peer_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "config/base64.h"
#include "config/file.h"
#include "config/load.h"
#include "control/view/json.h"

namespace ringway::control::console {
namespace {

constexpr std::string_view kNone = "none";

std::vector<std::string> cut_at_commas(const std::string& text) {
    std::vector<std::string> parts;
    if (text == kNone) return parts;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(',', at), text.size());
        if (end > at) parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto begin = std::min(text.find_first_not_of(kSpace), text.size());
    return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

/// Nothing if the line names no file, or says "none". Throws std::runtime_error.
std::optional<config::SecretKey> preshared_key_of(const Arguments& arguments) {
    const std::string file = arguments.text("preshared-key-file");
    if (file.empty() || file == kNone) return std::nullopt;
    const auto fail = [&](std::string_view why) {
        return std::runtime_error(fmt::format("preshared-key-file: '{}' {}", file, why));
    };
    // The gateway's folder is not the operator's.
    if (file.front() != '/') throw fail("does not begin with /, expected a full name");
    // A pipe that nobody writes to would hold us up for good.
    const auto text = config::read_file(file, {.max_bytes = 4096, .regular_only = true, .owner_only = true});
    if (!text) throw fail(text.error());
    auto key = config::decode_secret_key(trimmed(text->view()));
    if (!key || key->is_zero()) throw fail("holds no preshared key, expected one as 'wg genpsk' prints it");
    return std::move(*key);
}

}  // namespace

std::vector<Parameter> peer_fields() {
    using Kind = Parameter::Kind;
    return {{"name", Kind::text, "unique in the tunnel"},
            {"allowed-ips", Kind::text, "prefixes, commas between them, instead of those it had; or none"},
            {"endpoint", Kind::text, "ADDRESS:PORT or NAME:PORT"},
            {"keepalive", Kind::number, "seconds; 0: off"},
            {"preshared-key-file", Kind::text, "full name of a file with mode 0600; or none"},
            {"move", Kind::flag, "take allowed IPs away from other peers"}};
}

bool names_a_field(const Arguments& arguments) {
    return std::ranges::any_of(peer_fields(), [&](const Parameter& field) {
        return field.kind != Parameter::Kind::flag && arguments.has(field.name);
    });
}

config::Peer read_peer(const std::string& key, const Arguments& arguments) {
    Json said = {{"public_key", key}};
    if (arguments.has("name")) said["name"] = arguments.text("name");
    if (arguments.has("endpoint")) said["endpoint"] = arguments.text("endpoint");
    if (arguments.has("keepalive")) said["persistent_keepalive"] = arguments.number("keepalive", 0);
    if (arguments.has("allowed-ips")) said["allowed_ips"] = cut_at_commas(arguments.text("allowed-ips"));
    auto peer = config::load_peer(said.dump(), nullptr);
    if (!peer) {
        std::string why;
        for (const config::Problem& problem : peer.error())
            why += (why.empty() ? "" : "; ") + problem.text;
        throw std::runtime_error(why);
    }
    peer->preshared_key = preshared_key_of(arguments);
    return std::move(*peer);
}

void put_fields(const Arguments& arguments, config::Peer said, config::Peer& peer) {
    if (arguments.has("name")) peer.name = std::move(said.name);
    if (arguments.has("endpoint")) peer.endpoint = std::move(said.endpoint);
    if (arguments.has("keepalive")) peer.persistent_keepalive = said.persistent_keepalive;
    if (arguments.has("allowed-ips")) peer.allowed_ips = std::move(said.allowed_ips);
    if (arguments.has("preshared-key-file")) peer.preshared_key = std::move(said.preshared_key);
}

}  // namespace ringway::control::console
