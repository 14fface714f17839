#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "config/address.h"

namespace ringway::config {

/// Where a peer is reached: an address and a port, or a host's DNS name and a port. Names are resolved
/// by the running gateway, not here: whether a file is right must not depend on an answer.
struct Endpoint {
    std::string name;       ///< empty: `address` counts
    SocketAddress address;  ///< the port counts in both cases

    bool operator==(const Endpoint&) const = default;
    [[nodiscard]] bool is_named() const { return !name.empty(); }
    [[nodiscard]] std::string to_string() const;
};

/// IPV4:PORT, [IPV6]:PORT or NAME:PORT; what is wrong is said in words that follow "'text' ".
[[nodiscard]] tl::expected<Endpoint, std::string> parse_endpoint(std::string_view text);

/// A host's name by RFC 1123, section 2.1, and underscores: dotted labels of letters, digits and inner
/// hyphens, the last of which is no number.
[[nodiscard]] bool is_host_name(std::string_view text);

}  // namespace ringway::config
