#include "control/events/json.h"

#include <string>

namespace ringway::control {
namespace {

Json endpoint_or_null(const dataplane::Endpoint& endpoint) {
    return endpoint.is_set() ? Json(endpoint_text(endpoint)) : Json(nullptr);
}

Json text_or_null(std::string_view text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json list_of(std::string_view names) {
    Json list = Json::array();
    while (!names.empty()) {
        const auto end = std::min(names.find(','), names.size());
        list.push_back(names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return list;
}

}  // namespace

Json to_json(const Event& event) {
    Json json{{"sequence", event.sequence},
              {"time", time_text(event.unix_nanoseconds)},
              {"event", name(event.kind)},
              {"tunnel", event.tunnel.view()}};
    if (event.has_key) {
        json["peer"] = text_or_null(event.peer.view());
        json["public_key"] = key_text(event.key);
    }
    switch (event.kind) {
        case Event::Kind::peer_up:
            json["endpoint"] = endpoint_or_null(event.endpoint);
            json["role"] = event.reason;
            break;
        case Event::Kind::peer_down:
            json["reason"] = event.reason;
            break;
        case Event::Kind::peer_roamed:
            json["endpoint"] = endpoint_or_null(event.endpoint);
            json["endpoint_before"] = endpoint_or_null(event.endpoint_before);
            json["withheld"] = event.withheld;
            break;
        case Event::Kind::handshake_failed:
            json["endpoint"] = endpoint_or_null(event.endpoint);
            json["reason"] = event.reason;
            json["withheld"] = event.withheld;
            break;
        case Event::Kind::configuration_changed:
            json["by"] = name(event.by);
            json["change"] = name(event.change);
            json["fields"] = list_of(event.fields.view());
            json["details"] = text_or_null(event.details.view());
            break;
    }
    return json;
}

Json gap_json(std::optional<std::uint64_t> missed) {
    return {{"event", "gap"}, {"missed", missed ? Json(*missed) : Json(nullptr)}};
}

}  // namespace ringway::control
