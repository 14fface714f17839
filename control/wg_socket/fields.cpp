#include "control/wg_socket/fields.h"

#include <arpa/inet.h>
#include <sodium.h>

#include <array>
#include <cstring>

namespace ringway::control {
namespace {

using dataplane::Family;
using dataplane::IpAddress;
using dataplane::IpPrefix;

std::optional<IpAddress> parse_address(Family family, std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
    text.copy(terminated.data(), text.size());
    IpAddress address{.family = family};
    const int af = family == Family::v4 ? AF_INET : AF_INET6;
    if (inet_pton(af, terminated.data(), address.bytes.data()) != 1) return std::nullopt;
    return address;
}

/// The family that the text can only be: a colon never stands in an IPv4 address.
Family family_of(std::string_view text) {
    return text.find(':') == std::string_view::npos ? Family::v4 : Family::v6;
}

void clear_host_bits(IpPrefix& prefix) {
    for (std::size_t i = 0; i < prefix.address.size(); ++i) {
        const int kept = std::clamp(prefix.length - static_cast<int>(8 * i), 0, 8);
        prefix.address.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
}

}  // namespace

bool parse_hex_key(std::string_view text, std::span<std::uint8_t, crypto::kKeyBytes> out) {
    if (text.size() != 2 * out.size()) return false;
    std::size_t decoded = 0;
    return sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &decoded, nullptr) ==
               0 &&
           decoded == out.size();
}

std::optional<WgEndpoint> parse_endpoint(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const auto port = parse_decimal<std::uint16_t>(text.substr(colon + 1));
    if (!port || *port == 0) return std::nullopt;

    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = parse_address(bracketed ? Family::v6 : Family::v4, host);
    if (!address) return std::nullopt;
    return WgEndpoint{.address = *address, .port = *port};
}

std::optional<WgAllowedIpChange> parse_allowed_ip(std::string_view text) {
    WgAllowedIpChange change;
    change.remove = text.starts_with('-');
    if (change.remove) text.remove_prefix(1);

    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view host = text.substr(0, slash);
    const auto address = parse_address(family_of(host), host);
    const auto length = parse_decimal<std::uint8_t>(text.substr(slash + 1));
    if (!address || !length || *length > 8 * address->size()) return std::nullopt;

    change.prefix = {.address = *address, .length = *length};
    clear_host_bits(change.prefix);
    return change;
}

}  // namespace ringway::control
