#include "control/rest/openapi.h"

#include <cctype>
#include <optional>
#include <set>
#include <string>

#include "control/rest/api.h"
#include "control/rest/problem.h"
#include "control/rest/schemas.h"
#include "control/version.h"

namespace ringway::control::rest {
namespace {

Json reference(const std::string& name) {
    return {{"$ref", "#/components/schemas/" + name}};
}

Json content_of(const std::string& result) {
    if (result.empty()) return {{"text/plain", {{"schema", {{"type", "string"}}}}}};
    if (result == "Event stream") {
        return {{"text/event-stream",
                 {{"schema", {{"type", "string"}}},
                  {"x-data", {{"oneOf", Json::array({reference("Event"), reference("Gap")})}}}}}};
    }
    if (result == "object") return {{"application/json", {{"schema", {{"type", "object"}}}}}};
    if (!result.ends_with("[]")) return {{"application/json", {{"schema", reference(result)}}}};
    const Json list{
        {"type", "object"},
        {"properties",
         {{"items", {{"type", "array"}, {"items", reference(result.substr(0, result.size() - 2))}}},
          {"next_cursor", {{"type", Json::array({"string", "null"})}}}}},
        {"required", Json::array({"items", "next_cursor"})}};
    return {{"application/json", {{"schema", list}}}};
}

Json parameter(const std::string& name, const char* in) {
    return {{"name", name},
            {"in", in},
            {"required", std::string(in) == "path"},
            {"schema", {{"type", "string"}}}};
}

/// What an operation may answer beside 200. 429 and 503 are said before it is asked.
std::set<int> statuses_of(const Operation& operation) {
    std::set<int> statuses{400, 401, 403, 429, 503};
    if (operation.path.find('{') != std::string::npos) statuses.insert(404);
    if (operation.method != "GET") statuses.merge(std::set<int>{413, 415});
    if (!operation.body.empty()) statuses.insert(422);
    statuses.insert(operation.statuses.begin(), operation.statuses.end());
    return statuses;
}

Json responses_of(const Operation& operation) {
    const Json problem{{"application/problem+json", {{"schema", reference("Problem")}}}};
    Json responses{{std::to_string(operation.status),
                    {{"description", operation.summary}, {"content", content_of(operation.result)}}}};
    for (const int status : statuses_of(operation)) {
        const bool is_result = status < 300 || (status == 422 && operation.body.empty());
        responses[std::to_string(status)] = {{"description", std::string(title_of(status))},
                                             {"content", is_result ? content_of(operation.result) : problem}};
    }
    responses["default"] = {{"description", "A problem document (RFC 9457)"}, {"content", problem}};
    return responses;
}

Json describe(const Operation& operation) {
    Json parameters = Json::array();
    for (std::size_t at = operation.path.find('{'); at != std::string::npos;
         at = operation.path.find('{', at + 1)) {
        parameters.push_back(
            parameter(operation.path.substr(at + 1, operation.path.find('}', at) - at - 1), "path"));
    }
    for (const std::string& query : operation.queries)
        parameters.push_back(parameter(query, "query"));
    Json description{{"summary", operation.summary}, {"parameters", std::move(parameters)}};
    if (!operation.body.empty()) {
        description["requestBody"] = {
            {"required", true}, {"content", {{"application/json", {{"schema", reference(operation.body)}}}}}};
    }
    description["responses"] = responses_of(operation);
    return description;
}

std::string lower(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

Json openapi(const std::vector<Operation>& operations) {
    Json paths = Json::object();
    for (const Operation& operation : operations)
        paths[operation.path][lower(operation.method)] = describe(operation);
    return {{"openapi", "3.1.0"},
            {"info", {{"title", "Ringway"}, {"version", kVersion}}},
            {"paths", std::move(paths)},
            {"components",
             {{"schemas", schemas()},
              {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

}  // namespace ringway::control::rest
