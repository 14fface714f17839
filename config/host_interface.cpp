#include "config/host_interface.h"

#include <fmt/format.h>

#include "config/names.h"

namespace ringway::config {

namespace {

constexpr std::uint16_t kMinMtuOfIpv6 = 1280;  // RFC 8200, section 5

/// What makes an address useless on an interface.
std::string judge_host_address(const Address& address) {
    const bool bad =
        address.is_unspecified() || address.is_multicast() || address.is_loopback() || address.is_v4_mapped();
    return bad ? "is no address of a host, expected a unicast address" : "";
}

std::optional<Prefix> read_host_address(const Value& value, Problems& problems) {
    const auto text = read_text(value, problems);
    if (!text) return std::nullopt;
    const auto prefix = parse_prefix(*text);
    std::string wrong = prefix ? judge_host_address(prefix->address) : prefix.error();
    if (wrong.empty() && text->find('/') == std::string::npos) {
        wrong = "has no prefix length, expected ADDRESS/LENGTH";
    }
    if (wrong.empty()) return *prefix;
    problems.add(value, fmt::format("{} {}", shown(*text), wrong));
    return std::nullopt;
}

void read_addresses(const Value& list, std::uint16_t mtu, Context& context, HostInterface& host) {
    for_each_item(list, context.problems, [&](const Value& item) {
        const auto prefix = read_host_address(item, context.problems);
        if (!prefix) return;
        if (prefix->address.family == Family::v6 && mtu < kMinMtuOfIpv6) {
            context.problems.add(
                item, fmt::format("IPv6 over an MTU of {}, expected at least {}", mtu, kMinMtuOfIpv6));
        }
        if (const auto line = context.host_addresses.claim({host.netns, prefix->address}, item.at)) {
            context.problems.add(item, fmt::format("{} is taken by line {}, expected another address",
                                                   prefix->address.to_string(), *line));
        }
        host.addresses.push_back(*prefix);
    });
}

}  // namespace

std::optional<std::string> read_judged(const Value& value, Judge judge, Problems& problems) {
    auto text = read_text(value, problems);
    if (!text) return std::nullopt;
    const std::string wrong = judge(*text);
    if (wrong.empty()) return text;
    problems.add(value, fmt::format("{} {}", shown(*text), wrong));
    return std::nullopt;
}

std::string read_netns(MapReader& map, Context& context) {
    const Value* const value = map.find("netns");
    if (value == nullptr) return {};
    return read_judged(*value, judge_netns, context.problems).value_or("");
}

HostInterface read_host_interface(const Value* value, const HostReader& reader, Context& context) {
    const Value absent{.at = reader.named_at};
    MapReader map(value == nullptr ? absent : *value, reader.noun, context.problems);
    HostInterface host{.interface = reader.default_name};
    Position named_at = reader.named_at;
    const Value* const name = reader.has_name ? map.find("interface") : nullptr;
    if (name != nullptr) {
        host.interface = read_judged(*name, judge_interface_name, context.problems).value_or("");
        named_at = name->at;
    } else if (const std::string wrong = judge_interface_name(host.interface);
               !wrong.empty() && !host.interface.empty()) {
        context.problems.add(named_at, fmt::format("the host interface's name {} {}; set host.interface",
                                                   shown(host.interface), wrong));
        host.interface.clear();
    }
    host.netns = read_netns(map, context);
    if (!host.interface.empty()) {
        if (const auto line = context.interfaces.claim({host.netns, host.interface}, named_at)) {
            context.problems.add(named_at,
                                 fmt::format("interface {} is taken by line {}, expected another name",
                                             shown(host.interface), *line));
        }
    }
    if (const Value* const addresses = map.find("addresses"))
        read_addresses(*addresses, reader.mtu, context, host);
    map.finish();
    return host;
}

}  // namespace ringway::config
