#include "config/endpoint.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringway::config {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_label(std::string_view label) {
    const auto fits = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    };
    return !label.empty() && label.size() <= kMaxLabel && std::all_of(label.begin(), label.end(), fits) &&
           label.front() != '-' && label.back() != '-';
}

/// Not by an IPv6 address, nor by one with a zone.
bool looks_like_name(std::string_view host) {
    const bool has_letters = std::any_of(
        host.begin(), host.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    return has_letters && host.find_first_of(":[]%") == std::string_view::npos;
}

}  // namespace

bool is_host_name(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);  // written as fully qualified
    if (text.size() > kMaxName) return false;
    while (true) {
        const auto dot = text.find('.');
        const std::string_view label = text.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == std::string_view::npos) return !std::all_of(label.begin(), label.end(), is_digit);
        text.remove_prefix(dot + 1);
    }
}

std::string Endpoint::to_string() const {
    return is_named() ? fmt::format("{}:{}", name, address.port) : address.to_string();
}

tl::expected<Endpoint, std::string> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    const std::string_view host = text.substr(0, colon);
    if (is_host_name(host)) {
        if (colon == std::string_view::npos)
            return tl::make_unexpected(std::string("has no port, expected NAME:PORT"));
        const auto port = parse_port(text.substr(colon + 1));
        if (!port) return tl::make_unexpected(port.error());
        return Endpoint{.name = std::string(host), .address = {.address = {}, .port = *port}};
    }
    if (looks_like_name(host))
        return tl::make_unexpected(std::string("names no host, expected letters, digits, hyphens and dots"));
    const auto address = parse_socket_address(text);
    if (!address) return tl::make_unexpected(address.error());
    const Address& a = address->address;
    if (a.is_unspecified() || a.is_multicast() || a.is_v4_mapped())
        return tl::make_unexpected(std::string("can't be sent to, expected a unicast address"));
    return Endpoint{.name = {}, .address = *address};
}

}  // namespace ringway::config
