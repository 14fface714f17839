#include "control/wg_socket/request_reader.h"

#include <sodium.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "control/wg_socket/fields.h"

namespace ringway::control {
namespace {

/// A key of the protocol and what its value does to a request; false if the value is no good.
template <typename Target>
struct Field {
    std::string_view key;
    bool (*apply)(Target&, std::string_view value);
};

template <typename Value>
bool assign(std::optional<Value>& to, std::optional<Value> parsed) {
    to = std::move(parsed);
    return to.has_value();
}

template <typename Key>
bool assign_key(std::optional<Key>& to, std::string_view value) {
    return parse_hex_key(value, to.emplace().span());
}

/// Flags are switched on and never off.
bool assign_true(bool& to, std::string_view value) {
    to = value == "true";
    return to;
}

constexpr auto kDeviceFields = std::to_array<Field<WgSetRequest>>({
    {"private_key",
     [](WgSetRequest& to, std::string_view value) { return assign_key(to.private_key, value); }},
    {"listen_port",
     [](WgSetRequest& to, std::string_view value) {
         return assign(to.listen_port, parse_decimal<std::uint16_t>(value));
     }},
    {"fwmark", [](WgSetRequest& to,
                  std::string_view value) { return assign(to.fwmark, parse_decimal<std::uint32_t>(value)); }},
    {"replace_peers",
     [](WgSetRequest& to, std::string_view value) { return assign_true(to.replace_peers, value); }},
});

constexpr auto kPeerFields = std::to_array<Field<WgPeerChange>>({
    {"remove", [](WgPeerChange& to, std::string_view value) { return assign_true(to.remove, value); }},
    {"update_only", [](WgPeerChange& to, std::string_view value) { return assign_true(to.update_only, value); }},
    {"preshared_key",
     [](WgPeerChange& to, std::string_view value) { return assign_key(to.preshared_key, value); }},
    {"endpoint",
     [](WgPeerChange& to, std::string_view value) { return assign(to.endpoint, parse_endpoint(value)); }},
    {"persistent_keepalive_interval",
     [](WgPeerChange& to, std::string_view value) {
         return assign(to.persistent_keepalive_seconds, parse_decimal<std::uint16_t>(value));
     }},
    {"replace_allowed_ips",
     [](WgPeerChange& to, std::string_view value) {
         to.allowed_ips.clear();  // it is the allowed IPs that follow which replace the peer's
         return assign_true(to.replace_allowed_ips, value);
     }},
    {"allowed_ip",
     [](WgPeerChange& to, std::string_view value) {
         const auto change = parse_allowed_ip(value);
         if (change) to.allowed_ips.push_back(*change);
         return change.has_value();
     }},
    {"protocol_version", [](WgPeerChange&, std::string_view value) { return value == "1"; }},
});

template <typename Target, std::size_t Count>
bool apply_field(const std::array<Field<Target>, Count>& fields, Target& to, std::string_view key,
                 std::string_view value) {
    const auto field = std::ranges::find(fields, key, &Field<Target>::key);
    return field != fields.end() && field->apply(to, value);
}

bool has_repeated_key(const std::vector<WgPeerChange>& peers) {
    std::vector<const crypto::PublicKey*> keys;
    keys.reserve(peers.size());
    for (const WgPeerChange& peer : peers)
        keys.push_back(&peer.public_key);
    const auto value = [](const crypto::PublicKey* key) -> const crypto::PublicKey& { return *key; };
    std::ranges::sort(keys, {}, value);
    return std::ranges::adjacent_find(keys, {}, value) != keys.end();
}

}  // namespace

WgRequestReader::~WgRequestReader() {
    sodium_memzero(line_.data(), line_.size());
}

std::size_t WgRequestReader::consume(std::string_view text) {
    std::size_t taken = 0;
    while (!complete_ && taken < text.size()) {
        const std::size_t newline = text.find('\n', taken);
        const std::size_t stop = std::min(newline, text.size());
        add_to_line(text.substr(taken, stop - taken));
        if (newline == std::string_view::npos) return text.size();
        end_line();
        taken = newline + 1;
    }
    return taken;
}

void WgRequestReader::add_to_line(std::string_view piece) {
    const std::size_t copied = piece.copy(line_.data() + line_size_, line_.size() - line_size_);
    line_size_ += copied;
    line_too_long_ |= copied < piece.size();
}

void WgRequestReader::end_line() {
    if (line_too_long_) {
        refuse(EINVAL);
    } else {
        read_line({line_.data(), line_size_});
    }
    sodium_memzero(line_.data(), line_size_);
    line_size_ = 0;
    line_too_long_ = false;
}

void WgRequestReader::read_line(std::string_view line) {
    if (line.empty()) {
        complete_ = true;
        if (kind_ == Kind::unknown || has_repeated_key(set_.peers)) refuse(EINVAL);
    } else if (error_ == 0) {
        if (kind_ == Kind::unknown) {
            read_first_line(line);
        } else if (const Errno error = read_set_line(line); error != 0) {
            refuse(error);
        }
    }
}

void WgRequestReader::read_first_line(std::string_view line) {
    if (line == "get=1") {
        kind_ = Kind::get;
    } else if (line == "set=1") {
        kind_ = Kind::set;
    } else {
        refuse(EINVAL);
    }
}

Errno WgRequestReader::read_set_line(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (kind_ != Kind::set || equals == std::string_view::npos) return EINVAL;
    const std::string_view key = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);

    if (key == "public_key") {
        if (set_.peers.size() == limits_.peers) return E2BIG;
        return parse_hex_key(value, set_.peers.emplace_back().public_key.bytes) ? 0 : EINVAL;
    }
    // Once a peer is named, every line is about it or the next one.
    if (set_.peers.empty()) return apply_field(kDeviceFields, set_, key, value) ? 0 : EINVAL;
    if (key == "allowed_ip" && ++allowed_ips_ > limits_.allowed_ips) return E2BIG;
    return apply_field(kPeerFields, set_.peers.back(), key, value) ? 0 : EINVAL;
}

/// The first error stands. What was read so far is dropped, and its keys wiped, at once.
void WgRequestReader::refuse(Errno error) {
    if (error_ == 0) error_ = error;
    set_ = {};
}

tl::expected<WgRequest, Errno> WgRequestReader::take() {
    tl::expected<WgRequest, Errno> result = WgGetRequest{};
    if (error_ != 0) {
        result = tl::unexpected(error_);
    } else if (kind_ == Kind::set) {
        result = std::move(set_);
    }
    reset();
    return result;
}

void WgRequestReader::reset() {
    kind_ = Kind::unknown;
    complete_ = false;
    error_ = 0;
    allowed_ips_ = 0;
    set_ = {};
}

tl::expected<WgRequest, Errno> parse_wg_request(std::string_view text, WgRequestLimits limits) {
    WgRequestReader reader(limits);
    if (reader.consume(text) != text.size() || !reader.complete()) return tl::unexpected(EINVAL);
    return reader.take();
}

}  // namespace ringway::control
