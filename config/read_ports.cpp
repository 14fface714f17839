// The sections ports and routes.

#include <fmt/format.h>

#include "config/host_interface.h"
#include "config/map_reader.h"
#include "config/names.h"
#include "config/sections.h"

namespace ringway::config {

namespace {

constexpr Range kQueues = {1, 256};
constexpr std::size_t kMaxPorts = 32;  // DPDK's RTE_MAX_ETHPORTS as distributions build it

/// What must not be the same for two ports.
struct PortsSeen {
    Unique<std::string> names;
    Unique<std::string> devices;
};

void read_queues(const Value& value, Context& context, Port& port) {
    if (value.is_scalar() && value.text == "auto") return;
    if (const auto queues = read_number(value, kQueues, context.problems)) {
        port.queues = static_cast<std::uint16_t>(*queues);
    }
}

void read_device(const Value& value, Context& context, PortsSeen& seen, Port& port) {
    const auto device = read_judged(value, judge_device, context.problems);
    if (!device) return;
    port.device = *device;
    if (const auto line = seen.devices.claim(device_identity(*device), value.at)) {
        context.problems.add(value, fmt::format("{} is taken by line {}, expected another device",
                                                shown(device_identity(*device)), *line));
    }
}

Port read_port(const Value& value, Context& context, PortsSeen& seen) {
    MapReader map(value, "a port", context.problems);
    Port port{.line = value.at.line};
    HostReader host{.noun = "a port's host interface", .has_name = true, .named_at = value.at};
    if (const Value* const name = map.require("name")) {
        port.name = read_judged(*name, judge_interface_name, context.problems).value_or("");
        host.named_at = name->at;
    }
    if (!port.name.empty()) {
        host.default_name = "rw-" + port.name;
        if (const auto line = seen.names.claim(port.name, host.named_at)) {
            context.problems.add(
                host.named_at,
                fmt::format("port {} again, expected another name than in line {}", shown(port.name), *line));
            host.default_name.clear();
        }
    }
    if (const Value* const device = map.require("device")) read_device(*device, context, seen, port);
    if (const Value* const queues = map.find("queues")) read_queues(*queues, context, port);
    map.number("mtu", port.mtu, kMtu);
    host.mtu = port.mtu;
    port.host = read_host_interface(map.find("host"), host, context);
    map.finish();
    return port;
}

std::optional<Prefix> read_destination(const Value& value, Problems& problems) {
    const auto text = read_text(value, problems);
    if (!text) return std::nullopt;
    const auto prefix = parse_prefix(*text);
    std::string wrong;
    if (!prefix) {
        wrong = prefix.error();
    } else if (prefix->masked() != *prefix) {
        wrong = fmt::format("has bits behind its prefix length, expected {}", prefix->masked().to_string());
    } else {
        return *prefix;
    }
    problems.add(value, fmt::format("{} {}", shown(*text), wrong));
    return std::nullopt;
}

std::string judge_gateway(const Address& via) {
    if (via.is_unspecified() || via.is_multicast() || via.is_loopback() || via.is_v4_mapped()) {
        return "is no address of a router, expected a unicast address";
    }
    if (via.family == Family::v6 && via.is_link_local()) {
        return "is link-local and names no interface, expected a global address";
    }
    return {};
}

std::optional<Address> read_gateway(const Value& value, Problems& problems) {
    const auto text = read_text(value, problems);
    if (!text) return std::nullopt;
    const auto via = parse_address(*text);
    const std::string wrong = via ? judge_gateway(*via) : via.error();
    if (wrong.empty()) return *via;
    problems.add(value, fmt::format("{} {}", shown(*text), wrong));
    return std::nullopt;
}

std::optional<Route> read_route(const Value& value, Context& context, Unique<Prefix>& seen) {
    MapReader map(value, "a route", context.problems);
    const Value* const to_value = map.require("to");
    const Value* const via_value = map.require("via");
    map.finish();
    const auto to = to_value == nullptr ? std::nullopt : read_destination(*to_value, context.problems);
    const auto via = via_value == nullptr ? std::nullopt : read_gateway(*via_value, context.problems);
    if (to) {
        if (const auto line = seen.claim(*to, to_value->at)) {
            context.problems.add(*to_value, fmt::format("{} again, expected it once (first in line {})",
                                                        to->to_string(), *line));
        }
    }
    if (!to || !via) return std::nullopt;
    if (to->address.family != via->family) {
        context.problems.add(*via_value, fmt::format("{} is of another family than {}, expected the same",
                                                     via->to_string(), to->to_string()));
    }
    return Route{.to = *to, .via = *via, .line = value.at.line};
}

}  // namespace

void read_ports(const Value& value, Context& context, std::vector<Port>& ports) {
    PortsSeen seen;
    for_each_item(value, context.problems,
                  [&](const Value& item) { ports.push_back(read_port(item, context, seen)); });
    if (value.kind == Value::Kind::null || (value.kind == Value::Kind::list && value.children.empty())) {
        context.problems.add(value, "no port, expected one at least");
    }
    if (ports.size() > kMaxPorts) {
        context.problems.add(value.children[kMaxPorts],
                             fmt::format("too many, expected at most {}", kMaxPorts));
    }
}

void read_routes(const Value& value, Context& context, std::vector<Route>& routes) {
    Unique<Prefix> seen;
    for_each_item(value, context.problems, [&](const Value& item) {
        if (const auto route = read_route(item, context, seen)) routes.push_back(*route);
    });
}

}  // namespace ringway::config
