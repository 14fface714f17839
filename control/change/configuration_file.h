#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/load.h"
#include "control/calls.h"
#include "control/change/changes.h"
#include "control/change/commit_window.h"
#include "control/log/log.h"
#include "control/save/save_configuration.h"

namespace ringway::control {

struct ReloadRequest {
    bool dry_run = false;                       ///< plan only
    std::optional<unsigned> confirmed_seconds;  ///< opens a commit window first
};

/// What became of a request to read the configuration file again.
struct ReloadOutcome {
    std::vector<config::Problem> problems;  ///< of the file; if there are any, nothing was changed
    std::optional<Refusal> refusal;         ///< the file is right, but can't be followed: the same
    std::optional<PlanSummary> plan;        ///< what was, or would be, changed; what needs a restart was not
    bool applied = false;                   ///< not after a dry run
};

/// What is known of the file beside what it says. Control thread.
struct FileStatus {
    std::uint64_t reloads = 0;                       ///< asked for, dry runs aside
    std::uint64_t failed_reloads = 0;                ///< of them, those that changed nothing for an error
    std::uint64_t last_reload_unix_nanoseconds = 0;  ///< 0: none since the start
    bool last_reload_failed = false;
    bool unsaved_changes = false;  ///< what runs was changed by other ways since the file was followed
};

/// The file that a running gateway was configured by: read again and written on request. It is read, checked
/// and written on the thread of whoever asks, so that one of 100,000 peers holds up nobody; only the plan is
/// made and carried out on the control thread.
class ConfigurationFile {
  public:
    struct Surroundings {
        Calls& calls;
        Changes& changes;
        CommitWindow& window;
        const dataplane::Clock& clock;
        Log& log;
    };
    /// `path`, `options` and what came of it as the file was loaded at the start.
    ConfigurationFile(std::filesystem::path path, config::LoadOptions options,
                      const config::TextDigest& loaded, const Surroundings& surroundings);
    /// Calls must have been closed before.
    ~ConfigurationFile();
    ConfigurationFile(const ConfigurationFile&) = delete;
    ConfigurationFile& operator=(const ConfigurationFile&) = delete;

    /// Any thread but the control thread. Throws GatewayStopping.
    [[nodiscard]] ReloadOutcome reload(const ReloadRequest& request);
    /// Writes what runs into the file; nothing of it that only a restart changes. `over_edits`: even if the
    /// file was edited since it was loaded. The error is for people, and nothing was written. Any thread but
    /// the control thread. Throws GatewayStopping.
    [[nodiscard]] tl::expected<SaveOutcome, std::string> save(bool over_edits);
    /// Control thread: has it read on a thread of its own, and what comes of it logged. For SIGHUP.
    void reload_in_background();

    /// Control thread.
    [[nodiscard]] FileStatus status() const;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    void reload_while_asked();
    /// Control thread.
    void follow(const config::Configuration& configuration, const ReloadRequest& request,
                ReloadOutcome& outcome);
    void note(const ReloadOutcome& outcome);

    std::filesystem::path path_;
    config::LoadOptions options_;
    Surroundings with_;
    Logger logger_;
    FileStatus status_;
    config::TextDigest followed_;  ///< of the text that was followed or written last; control thread
    std::uint64_t followed_generation_ = 0;
    std::mutex busy_;  ///< one after another: what is followed last was read last
    std::thread background_;
    std::atomic<bool> background_busy_{false};
    std::atomic<bool> asked_again_{false};
};

}  // namespace ringway::control
