#include "config/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace ringway::config {

namespace {

int native_family(Family family) {
    return family == Family::v4 ? AF_INET : AF_INET6;
}

/// A decimal number without sign or leading zeros, at most `maximum`.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned maximum) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > maximum) return std::nullopt;
    return value;
}

tl::unexpected<std::string> wrong(std::string what) {
    return tl::make_unexpected(std::move(what));
}

tl::unexpected<std::string> not_an_address(std::string_view text) {
    const bool has_letters =
        std::any_of(text.begin(), text.end(), [](char c) { return c >= 'g' && c <= 'z'; });
    if (has_letters) return wrong("is not an address, expected a numeric one (names are not resolved)");
    return wrong("is not an address, expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)");
}

}  // namespace

bool Address::is_unspecified() const {
    return *this == Address{.family = family};
}

bool Address::is_loopback() const {
    if (family == Family::v4) return bytes[0] == 127;
    Address loopback{.family = Family::v6};
    loopback.bytes[15] = 1;
    return *this == loopback;
}

bool Address::is_multicast() const {
    if (family == Family::v6) return bytes[0] == 0xff;
    const bool limited_broadcast =
        std::all_of(bytes.begin(), bytes.begin() + 4, [](auto b) { return b == 0xff; });
    return (bytes[0] & 0xf0) == 0xe0 || limited_broadcast;
}

bool Address::is_link_local() const {
    if (family == Family::v4) return bytes[0] == 169 && bytes[1] == 254;
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

bool Address::is_v4_mapped() const {
    constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return family == Family::v6 && std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::string Address::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(native_family(family), bytes.data(), text.data(), text.size());
    return text.data();
}

Prefix Prefix::masked() const {
    Prefix out = *this;
    for (std::size_t i = 0; i < out.address.bytes.size(); ++i) {
        const unsigned kept = std::clamp<int>(length - static_cast<int>(8 * i), 0, 8);
        out.address.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return out;
}

std::string Prefix::to_string() const {
    return fmt::format("{}/{}", address.to_string(), length);
}

std::string SocketAddress::to_string() const {
    if (address.family == Family::v4) return fmt::format("{}:{}", address.to_string(), port);
    return fmt::format("[{}]:{}", address.to_string(), port);
}

tl::expected<Address, std::string> parse_address(std::string_view text) {
    if (text.find('%') != std::string_view::npos) return wrong("has a zone, expected an address without one");
    Address out{.family = text.find(':') == std::string_view::npos ? Family::v4 : Family::v6};
    const std::string terminated(text);
    // inet_pton stops at a NUL, so one inside must not hide what follows it.
    if (terminated.size() != std::strlen(terminated.c_str()) ||
        inet_pton(native_family(out.family), terminated.c_str(), out.bytes.data()) != 1) {
        return not_an_address(text);
    }
    return out;
}

tl::expected<Prefix, std::string> parse_prefix(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return tl::make_unexpected(address.error());
    const unsigned bits = address_bits(address->family);
    if (slash == std::string_view::npos) {
        return Prefix{.address = *address, .length = static_cast<std::uint8_t>(bits)};
    }
    const auto length = parse_decimal(text.substr(slash + 1), bits);
    if (!length) return wrong(fmt::format("has a wrong prefix length, expected 0 to {}", bits));
    return Prefix{.address = *address, .length = static_cast<std::uint8_t>(*length)};
}

tl::expected<std::uint16_t, std::string> parse_port(std::string_view text) {
    const auto port = parse_decimal(text, 65535);
    if (!port || *port == 0) return wrong("has a wrong port, expected 1 to 65535");
    return static_cast<std::uint16_t>(*port);
}

tl::expected<SocketAddress, std::string> parse_socket_address(std::string_view text) {
    constexpr std::string_view kExpected = "expected IPV4:PORT or [IPV6]:PORT";
    const std::size_t colon = text.rfind(':');
    const bool bracketed = text.starts_with('[');
    if (colon == std::string_view::npos || (bracketed && text[colon - 1] != ']')) {
        return wrong(fmt::format("has no port, {}", kExpected));
    }
    std::string_view host = text.substr(0, colon);
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = parse_address(host);
    if (!bracketed && host.find(':') != std::string_view::npos) {
        return wrong(fmt::format("has an IPv6 address without brackets, {}", kExpected));
    }
    if (!address) return tl::make_unexpected(address.error());
    if (bracketed && address->family == Family::v4)
        return wrong(fmt::format("has brackets around IPv4, {}", kExpected));
    const auto port = parse_port(text.substr(colon + 1));
    if (!port) return tl::make_unexpected(port.error());
    return SocketAddress{.address = *address, .port = *port};
}

}  // namespace ringway::config
