#pragma once

#include <optional>
#include <vector>

#include "control/change/changes.h"
#include "control/log/log.h"
#include "dataplane/clock.h"

namespace ringway::control {

/// `commit confirmed N`: what is changed from then on undoes itself after N seconds unless it is confirmed,
/// since a gateway is often managed through itself. Everything that can change while it runs goes back,
/// whoever changed it. Control thread.
class CommitWindow {
  public:
    static constexpr unsigned kMinSeconds = 1;
    static constexpr unsigned kMaxSeconds = 86'400;

    CommitWindow(Changes& changes, const Logger& logger) : changes_(changes), logger_(logger) {}

    /// Opens the window, or makes the one that is open last `seconds` from now.
    void open(unsigned seconds, dataplane::Nanoseconds now);
    /// Keeps what was changed. False if no window is open.
    bool confirm();
    /// Undoes what was changed since the window was opened. What can't be undone is tried again at each
    /// look(). False if no window is open.
    bool roll_back();
    /// Undoes it when the time is up. About once a second.
    void look(dataplane::Nanoseconds now);

    /// Nothing: no window is open.
    [[nodiscard]] std::optional<double> remaining_seconds(dataplane::Nanoseconds now) const;

  private:
    Changes& changes_;
    Logger logger_;
    std::optional<dataplane::Nanoseconds> ends_;
    std::vector<config::Tunnel> before_;
};

}  // namespace ringway::control
