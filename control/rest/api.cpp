#include "control/rest/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "control/metrics/metrics.h"
#include "control/page.h"
#include "control/rest/openapi.h"
#include "control/rest/problem.h"
#include "control/rest/wiped.h"
#include "control/version.h"

namespace ringway::control::rest {
namespace {

/// The page asks nobody but us, and runs nothing but itself.
constexpr const char* kPagePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

/// A list that is told whole.
template <typename View>
Json list_json(const std::vector<View>& views) {
    Json list = items_json(views);
    list["next_cursor"] = nullptr;
    return list;
}

}  // namespace

std::optional<std::map<std::string, std::string>> match_path(std::string_view pattern,
                                                             std::string_view path) {
    std::map<std::string, std::string> parameters;
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const std::string_view expected = take_segment(pattern);
        const std::string_view given = take_segment(path);
        if (expected.starts_with('{')) {
            if (given.empty()) return std::nullopt;
            parameters[std::string(expected.substr(1, expected.size() - 2))] = given;
        } else if (expected != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return parameters;
}

Api::Api(const Sources& sources, Guard guard) : from_(sources), guard_(std::move(guard)) {
    add_service();
    add_views();
    add_peers();
    add_changes();
    add_messages();
}

Response Api::handle(Request request) const {
    Response response = answer(request);
    wipe(request.body);
    return response;
}

Response Api::answer(Request& request) const {
    try {
        guard_.check(request);
        return dispatch(request);
    } catch (const Problem& problem) {
        return problem_response(problem);
    } catch (const GatewayStopping& stopping) {
        return problem_response(Problem(503, stopping.what()));
    } catch (const std::exception& error) {
        return problem_response(Problem(500, error.what()));
    }
}

Response Api::dispatch(Request& request) const {
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    std::string allowed;
    for (const Operation& operation : operations_) {
        auto parameters = match_path(operation.path, request.path);
        if (!parameters) continue;
        if (operation.method != method) {
            allowed += (allowed.empty() ? "" : ", ") + operation.method;
            continue;
        }
        for (const auto& [name, value] : request.query) {
            const auto& known = operation.queries;
            if (std::find(known.begin(), known.end(), name) == known.end())
                throw Problem(400, "unknown query parameter", name);
        }
        request.parameters = std::move(*parameters);
        return operation.handle(request);
    }
    if (allowed.empty()) throw Problem(404, "there is nothing at this path; see /openapi.json");
    Response response = problem_response(Problem(405, "this path knows " + allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
}

void Api::add_service() {
    add({"GET", "/", "A page that shows the gateway at work", "", {}, [](const Request&) {
             Response page{200, "text/html; charset=utf-8", std::string(kPage), {}};
             page.headers.emplace_back("Content-Security-Policy", kPagePolicy);
             return page;
         }});
    add({"GET", "/healthz", "The process answers", "", {}, [](const Request&) {
             return Response{200, "text/plain", "ok\n", {}};
         }});
    add({"GET",
         "/readyz",
         "The gateway forwards: lcores turn and it is not stopping",
         "",
         {},
         [this](const Request&) {
             const StatusView status = from_.calls.call([this] { return from_.viewer.status(); });
             if (status.draining) throw Problem(503, "the gateway is stopping");
             if (status.lcores_standing_still != 0) throw Problem(503, "an lcore stands still");
             return Response{200, "text/plain", "ok\n", {}};
         }});
    add({"GET", "/openapi.json", "This description", "object", {}, [this](const Request&) {
             return json_response(openapi(operations_));
         }});
    add({"GET", "/metrics", "Counters for Prometheus", "", {"peers"}, [this](const Request& request) {
             const auto peers = request.query.find("peers");
             const bool with_peers = peers != request.query.end() && peers->second == "true";
             const Metrics metrics =
                 from_.calls.call([&] { return collect_metrics(from_.viewer, with_peers); });
             return Response{200, "text/plain; version=0.0.4", metrics_text(metrics), {}};
         }});
}

void Api::add_views() {
    add({"GET", "/api/v1/status", "The gateway as a whole", "Status", {}, [this](const Request&) {
             Json json = to_json(from_.calls.call([this] { return from_.viewer.status(); }));
             json["version"] = kVersion;
             return json_response(json);
         }});
    add({"GET", "/api/v1/ports", "Ports and their device's counters", "Port[]", {}, [this](const Request&) {
             return json_response(list_json(from_.calls.call([this] { return from_.viewer.ports(); })));
         }});
    add({"GET",
         "/api/v1/lcores",
         "Polling CPUs and what their stages cost",
         "Lcore[]",
         {},
         [this](const Request&) {
             return json_response(list_json(from_.calls.call([this] { return from_.viewer.lcores(); })));
         }});
    add({"GET", "/api/v1/rings", "Queues between threads", "Ring[]", {}, [this](const Request&) {
             return json_response(list_json(from_.calls.call([this] { return from_.viewer.rings(); })));
         }});
    add({"GET",
         "/api/v1/drops",
         "Dropped packets by reason, and the sum of all packets",
         "Drops",
         {},
         [this](const Request&) {
             return json_response(to_json(from_.calls.call([this] { return from_.viewer.drops(); })));
         }});
    add({"GET",
         "/api/v1/events",
         "What happens to peers and to the configuration, as server-sent events",
         "Event stream",
         {},
         [this](const Request& request) {
             Response response{200, "text/event-stream", "", {}};
             response.events = cursor_after(from_.journal, request.header("last-event-id"));
             return response;
         }});
    add({"GET", "/api/v1/tunnels", "Tunnels", "Tunnel[]", {}, [this](const Request&) {
             return json_response(list_json(from_.calls.call([this] { return from_.viewer.tunnels(); })));
         }});
    add({"GET", "/api/v1/tunnels/{t}", "One tunnel", "Tunnel", {}, [this](const Request& request) {
             return json_response(
                 to_json(from_.calls.call([&] { return *from_.viewer.tunnel(tunnel_of(request).name); })));
         }});
}

}  // namespace ringway::control::rest
