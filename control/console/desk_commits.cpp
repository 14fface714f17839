// Commands that follow the configuration file, and those that keep or undo what was changed.

#include <fmt/format.h>

#include "control/console/desk.h"
#include "control/console/show.h"

namespace ringway::control::console {
namespace {

const Parameter kConfirmed{"confirmed", Parameter::Kind::number,
                           "undo it after so many seconds, unless 'commit'"};

/// Empty if they are right.
std::string wrong_seconds(const Arguments& arguments) {
    const std::size_t seconds = arguments.number("confirmed", CommitWindow::kMinSeconds);
    if (seconds >= CommitWindow::kMinSeconds && seconds <= CommitWindow::kMaxSeconds) return "";
    return fmt::format("confirmed: expected {} to {} seconds", CommitWindow::kMinSeconds,
                       CommitWindow::kMaxSeconds);
}

}  // namespace

void Desk::add_commits() {
    commands_.push_back(
        {"reload",
         "reads the configuration file again and applies what differs",
         {},
         {{"--dry-run", Parameter::Kind::flag, "tell what would change, and change nothing"}, kConfirmed},
         [this](const Arguments& arguments) { return reload(arguments); }});
    commands_.push_back({"commit",
                         "keeps what was changed; 'commit confirmed N' begins changes that undo themselves",
                         {},
                         {kConfirmed},
                         [this](const Arguments& arguments) { return commit(arguments); }});
    commands_.push_back(
        {"rollback", "undoes at once what waits for 'commit'", {}, {}, [this](const Arguments&) {
             return roll_back();
         }});
    commands_.push_back(
        {"save",
         "writes what runs into the configuration file; comments and order stay",
         {},
         {{"force", Parameter::Kind::flag, "even if the file was edited since it was loaded"}},
         [this](const Arguments& arguments) { return save(arguments); }});
}

Answer Desk::reload(const Arguments& arguments) {
    if (std::string wrong = wrong_seconds(arguments); !wrong.empty()) return refuse(std::move(wrong));
    ReloadRequest request{.dry_run = arguments.has("--dry-run"), .confirmed_seconds = std::nullopt};
    if (arguments.has("confirmed"))
        request.confirmed_seconds = static_cast<unsigned>(arguments.number("confirmed", 0));
    const ReloadOutcome outcome = from_.file.reload(request);
    std::string text;
    for (const config::Problem& problem : outcome.problems)
        text += problem.to_string() + "\n";
    if (!outcome.problems.empty())
        return {.accepted = false, .text = text + "error: the file has errors, nothing was changed\n"};
    if (outcome.refusal) return refuse(outcome.refusal->why + "; nothing was changed");
    text = text_of(*outcome.plan) +
           (outcome.applied ? "reloaded\n" : "nothing was changed: this was a dry run\n");
    if (request.confirmed_seconds && outcome.applied)
        text += fmt::format("undone in {} s unless 'commit'\n", *request.confirmed_seconds);
    return {.text = text};
}

Answer Desk::commit(const Arguments& arguments) {
    if (std::string wrong = wrong_seconds(arguments); !wrong.empty()) return refuse(std::move(wrong));
    if (arguments.has("confirmed")) {
        const auto seconds = static_cast<unsigned>(arguments.number("confirmed", 0));
        from_.calls.call([&] { from_.window.open(seconds, from_.core.dataplane().clock.now()); });
        return {.text = fmt::format("changes from now on are undone in {} s unless 'commit'\n", seconds)};
    }
    if (!from_.calls.call([&] { return from_.window.confirm(); }))
        return refuse("no change waits for its confirmation; 'save' writes the file");
    return {.text = "confirmed; 'save' writes the file\n"};
}

Answer Desk::roll_back() {
    if (!from_.calls.call([&] { return from_.window.roll_back(); }))
        return refuse("no change waits for its confirmation");
    return {.text = "undone\n"};
}

Answer Desk::save(const Arguments& arguments) {
    const auto saved = from_.file.save(arguments.has("force"));
    if (!saved) return refuse(saved.error());
    if (saved->lines.added == 0 && saved->lines.removed == 0)
        return {.text = "the file says what runs already\n"};
    std::string text =
        fmt::format("saved: {} lines added, {} removed\n", saved->lines.added, saved->lines.removed);
    if (saved->made_private) text += "the file holds keys now: only its owner can read it\n";
    return {.text = text};
}

}  // namespace ringway::control::console
