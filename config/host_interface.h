#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/configuration.h"
#include "config/context.h"
#include "config/document.h"
#include "config/map_reader.h"

namespace ringway::config {

/// The MTUs of ports and tunnels: what IPv4 needs at least, and what NICs take at most.
inline constexpr Range kMtu = {576, 9600};

/// Says what is wrong with a text, in words that follow it; empty when nothing is.
using Judge = std::string (*)(std::string_view);
/// Reads a text that `judge` finds nothing wrong with.
[[nodiscard]] std::optional<std::string> read_judged(const Value& value, Judge judge, Problems& problems);

/// Reads netns, the name of a network namespace; empty when it is absent.
[[nodiscard]] std::string read_netns(MapReader& map, Context& context);

/// What host interfaces have in common and where the file says it.
struct HostReader {
    std::string_view noun;     ///< "the host interface of a port"
    bool has_name;             ///< whether the map may name the interface (key interface)
    Position named_at;         ///< of the name that the default is made of
    std::uint16_t mtu;         ///< of the port or tunnel
    std::string default_name;  ///< empty: its problem is known already
};

/// Reads the host interface of a port or tunnel. `value` is null when there is no such key.
[[nodiscard]] HostInterface read_host_interface(const Value* value, const HostReader& reader,
                                                Context& context);

}  // namespace ringway::config
