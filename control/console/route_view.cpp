#include "control/console/route_view.h"

namespace ringway::control::console {
namespace {

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json address_or_null(const dataplane::IpAddress& address) {
    return address.is_unspecified() ? Json(nullptr) : Json(address.to_string());
}

}  // namespace

std::string_view name(dataplane::NextHop::Kind kind) {
    using Kind = dataplane::NextHop::Kind;
    switch (kind) {
        case Kind::local:
            return "local";
        case Kind::port:
            return "port";
        case Kind::tunnel:
            return "tunnel";
        case Kind::blackhole:
            return "blackhole";
        case Kind::host:
            return "host";
    }
    return "";
}

Json to_json(const RouteView& view) {
    return {{"netns", view.netns},
            {"prefix", view.prefix.to_string()},
            {"kind", name(view.kind)},
            {"to", text_or_null(view.to)},
            {"via", address_or_null(view.gateway)},
            {"source", address_or_null(view.source)}};
}

}  // namespace ringway::control::console
