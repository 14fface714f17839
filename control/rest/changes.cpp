// Reading the file again, and `commit confirmed`, over REST.

#include <charconv>

#include "control/rest/api.h"
#include "control/rest/body.h"
#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

bool is_asked_for(const Request& request, const std::string& query) {
    const auto given = request.query.find(query);
    if (given == request.query.end()) return false;
    if (given->second != "true" && given->second != "false")
        throw Problem(400, "expected true or false", query);
    return given->second == "true";
}

void check_seconds(std::uint64_t seconds, int status, const std::string& field) {
    if (seconds < CommitWindow::kMinSeconds || seconds > CommitWindow::kMaxSeconds)
        throw Problem(status, "expected 1 to 86400 seconds", field);
}

std::optional<unsigned> confirmed_seconds(const Request& request) {
    const auto given = request.query.find("confirmed");
    if (given == request.query.end()) return std::nullopt;
    const std::string& text = given->second;
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) seconds = 0;
    check_seconds(seconds, 400, "confirmed");
    return seconds;
}

Json problems_json(const std::vector<config::Problem>& problems) {
    Json json = Json::array();
    for (const config::Problem& problem : problems) {
        json.push_back({{"file", problem.file},
                        {"line", problem.line},
                        {"column", problem.column},
                        {"detail", problem.text}});
    }
    return json;
}

}  // namespace

void Api::add_changes() {
    add({"POST",
         "/api/v1/reload",
         "Reads the configuration file again and follows it; dry_run: tells what would change",
         "Reload",
         {"dry_run", "confirmed"},
         [this](const Request& request) { return reload(request); },
         "",
         200,
         {422}});
    add({"GET",
         "/api/v1/commit",
         "Whether changes wait for their confirmation",
         "Commit",
         {},
         [this](const Request&) { return from_.calls.call([this] { return window_response(); }); }});
    add({"POST",
         "/api/v1/commit",
         "With confirmed_seconds: changes from now on undo themselves unless confirmed. Without: confirms "
         "them",
         "Commit",
         {},
         [this](const Request& request) { return commit(request); },
         "CommitSettings",
         200,
         {409}});
    add({"DELETE",
         "/api/v1/commit",
         "Undoes at once what waits for its confirmation",
         "Commit",
         {},
         [this](const Request&) { return roll_back(); },
         "",
         200,
         {409}});
    add({"POST",
         "/api/v1/save",
         "Writes what runs into the configuration file; force: even if it was edited since it was loaded",
         "Saved",
         {"force"},
         [this](const Request& request) { return save(request); },
         "",
         200,
         {409}});
}

Response Api::reload(const Request& request) const {
    const ReloadOutcome outcome = from_.file.reload(
        {.dry_run = is_asked_for(request, "dry_run"), .confirmed_seconds = confirmed_seconds(request)});
    const bool refused = !outcome.problems.empty() || outcome.refusal;
    return json_response({{"applied", outcome.applied},
                          {"problems", problems_json(outcome.problems)},
                          {"refusal", outcome.refusal ? Json(outcome.refusal->why) : Json(nullptr)},
                          {"plan", outcome.plan ? to_json(*outcome.plan) : Json(nullptr)}},
                         refused ? 422 : 200);
}

Response Api::window_response() const {
    const auto remaining = from_.window.remaining_seconds(from_.core.dataplane().clock.now());
    return json_response({{"pending", remaining.has_value()},
                          {"remaining_seconds", remaining ? Json(*remaining) : Json(nullptr)}});
}

void Api::open_window(const Request& request) const {
    if (const auto seconds = confirmed_seconds(request))
        from_.window.open(*seconds, from_.core.dataplane().clock.now());
}

Response Api::commit(const Request& request) const {
    const Json body = request.body.empty() ? Json::object() : object_in(request.body);
    std::optional<unsigned> seconds;
    for (const auto& [key, value] : body.items()) {
        if (key != "confirmed_seconds") throw Problem(422, "unknown field, expected confirmed_seconds", key);
        if (!value.is_number_unsigned()) throw Problem(422, "expected 1 to 86400 seconds", key);
        check_seconds(value.get<std::uint64_t>(), 422, key);
        seconds = value.get<unsigned>();
    }
    return from_.calls.call([&] {
        if (seconds) {
            from_.window.open(*seconds, from_.core.dataplane().clock.now());
        } else if (!from_.window.confirm()) {
            throw Problem(409, "no change waits for its confirmation");
        }
        return window_response();
    });
}

Response Api::roll_back() const {
    return from_.calls.call([&] {
        if (!from_.window.roll_back()) throw Problem(409, "no change waits for its confirmation");
        return window_response();
    });
}

Response Api::save(const Request& request) const {
    const auto saved = from_.file.save(is_asked_for(request, "force"));
    if (!saved) throw Problem(409, saved.error());
    return json_response({{"lines_added", saved->lines.added},
                          {"lines_removed", saved->lines.removed},
                          {"holds_secrets", saved->holds_secrets},
                          {"made_private", saved->made_private}});
}

}  // namespace ringway::control::rest
