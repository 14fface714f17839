#pragma once

// One reader per section of the file. Each fills what it can and reports the rest to the context.

#include <optional>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "config/context.h"
#include "config/document.h"

namespace ringway::config {

void read_system(const Value& value, Context& context, System& system);
/// `auto` gives nothing.
void read_lcores(const Value& value, Context& context, std::optional<Lcores>& lcores);
void read_ports(const Value& value, Context& context, std::vector<Port>& ports);
void read_routes(const Value& value, Context& context, std::vector<Route>& routes);
/// `max_peers` is that of the system section.
void read_tunnels(const Value& value, Context& context, std::uint32_t max_peers,
                  std::vector<Tunnel>& tunnels);
void read_rest(const Value& value, Context& context, Rest& rest);
void read_console(const Value& value, Context& context, Console& console);

/// The keys of a whole file.
void read_configuration(const Value& root, Context& context, Configuration& configuration);

}  // namespace ringway::config
