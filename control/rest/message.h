#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/rest/event_stream.h"
#include "control/view/json.h"

namespace ringway::control::rest {

/// An HTTP request as the API sees it: whatever carried it has read it whole and checked its size.
struct Request {
    std::string method;
    std::string path;  ///< percent-decoded, without the query
    std::multimap<std::string, std::string> query;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    bool has_client_certificate = false;  ///< one that the configured authority signed
    /// From the path template: "t" and "key" of /tunnels/{t}/peers/{key}.
    std::map<std::string, std::string> parameters;

    /// The header's value, or empty.
    [[nodiscard]] std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<EventCursor> events = {};  ///< they follow in place of a body
};

[[nodiscard]] inline Response json_response(const Json& json, int status = 200) {
    return {status, "application/json", text_of(json), {}};
}

}  // namespace ringway::control::rest
