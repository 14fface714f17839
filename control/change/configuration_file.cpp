#include "control/change/configuration_file.h"

#include <system_error>

#include "control/thread_signals.h"
#include "control/unix_time.h"

namespace ringway::control {

ConfigurationFile::ConfigurationFile(std::filesystem::path path, config::LoadOptions options,
                                     const config::TextDigest& loaded, const Surroundings& surroundings)
    : path_(std::move(path)),
      options_(options),
      with_(surroundings),
      logger_(surroundings.log, "configuration"),
      followed_(loaded) {}

ConfigurationFile::~ConfigurationFile() {
    if (background_.joinable()) background_.join();
}

ReloadOutcome ConfigurationFile::reload(const ReloadRequest& request) {
    const std::lock_guard lock(busy_);
    ReloadOutcome outcome;
    const config::LoadResult configuration = config::load_file(path_, options_);
    if (!configuration) outcome.problems = configuration.error();
    with_.calls.call([&] {
        if (configuration) follow(*configuration, request, outcome);
        if (!request.dry_run) note(outcome);
    });
    return outcome;
}

void ConfigurationFile::follow(const config::Configuration& configuration, const ReloadRequest& request,
                               ReloadOutcome& outcome) {
    auto plan = with_.changes.plan(configuration);
    if (!plan) {
        outcome.refusal = std::move(plan.error());
        return;
    }
    outcome.plan = summarize(*plan);
    if (request.dry_run) return;
    if (request.confirmed_seconds) with_.window.open(*request.confirmed_seconds, with_.clock.now());
    if (const auto applied = with_.log.apply(configuration.system.log); !applied)
        logger_.error("reload: the log stays as it was", {{"error", applied.error()}});
    with_.changes.carry_out(std::move(*plan), ChangedBy::file);
    followed_generation_ = with_.changes.generation();
    followed_ = configuration.digest;
    outcome.applied = true;
}

tl::expected<SaveOutcome, std::string> ConfigurationFile::save(bool over_edits) {
    const std::lock_guard lock(busy_);
    config::Running running;
    config::TextDigest followed;
    std::uint64_t generation = 0;
    const bool waits = with_.calls.call([&] {
        running = {.tunnels = with_.changes.settings(), .log_level = with_.log.level()};
        followed = followed_;
        generation = with_.changes.generation();
        return with_.window.remaining_seconds(with_.clock.now()).has_value();
    });
    if (waits)
        return tl::make_unexpected(
            std::string("changes wait for their confirmation: commit or rollback first"));
    auto saved = save_configuration(path_, running, options_, over_edits ? nullptr : &followed);
    with_.calls.call([&] {
        if (!saved) {
            logger_.error("the configuration was not saved", {{"why", saved.error()}});
            return;
        }
        followed_ = saved->digest;
        followed_generation_ = generation;
        logger_.info("the configuration was saved",
                     {{"lines_added", saved->lines.added}, {"lines_removed", saved->lines.removed}});
        if (saved->made_private)
            logger_.warning("the configuration file holds keys now: only its owner can read it");
    });
    return saved;
}

void ConfigurationFile::note(const ReloadOutcome& outcome) {
    ++status_.reloads;
    status_.last_reload_unix_nanoseconds = unix_nanoseconds();
    status_.last_reload_failed = !outcome.applied;
    if (outcome.applied) {
        for (const std::string& part : outcome.plan->needs_restart)
            logger_.warning("not reloaded", {{"part", part}});
        logger_.info("reloaded", {{"added", outcome.plan->added},
                                  {"changed", outcome.plan->changed},
                                  {"removed", outcome.plan->removed}});
        return;
    }
    ++status_.failed_reloads;
    for (const config::Problem& problem : outcome.problems)
        logger_.error("the configuration file has an error", {{"problem", problem.to_string()}});
    if (outcome.refusal)
        logger_.error("the configuration file can't be followed", {{"why", outcome.refusal->why}});
    logger_.error("not reloaded: nothing was changed");
}

void ConfigurationFile::reload_in_background() {
    asked_again_ = true;
    if (background_busy_.exchange(true)) return;
    if (background_.joinable()) background_.join();  // it has come to its end: it is not busy
    try {
        background_ = std::thread([this] { reload_while_asked(); });
    } catch (const std::system_error& error) {
        background_busy_ = false;
        ReloadOutcome outcome;
        outcome.refusal = {.field = {}, .why = std::string("no thread can be made for it: ") + error.what()};
        note(outcome);
    }
}

void ConfigurationFile::reload_while_asked() {
    block_signals();
    try {
        do {
            while (asked_again_.exchange(false))
                (void)reload({});
            background_busy_ = false;
            // Asked after the last look, by one who saw us busy: it is ours still, unless another took it.
        } while (asked_again_ && !background_busy_.exchange(true));
    } catch (const GatewayStopping&) {
        background_busy_ = false;
    }
}

FileStatus ConfigurationFile::status() const {
    FileStatus status = status_;
    status.unsaved_changes = with_.changes.generation() != followed_generation_;
    return status;
}

}  // namespace ringway::control
