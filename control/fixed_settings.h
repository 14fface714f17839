#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"

namespace ringway::control {

/// What a running gateway can't change: it was laid out at the start. Kept without any key, to tell
/// an operator which parts of a new configuration wait for a restart.
class FixedSettings {
  public:
    explicit FixedSettings(const config::Configuration& configuration);

    /// One line for each part of `configuration` that differs.
    [[nodiscard]] std::vector<std::string> differences(const config::Configuration& configuration) const;

    [[nodiscard]] const std::vector<config::Route>& routes() const { return routes_; }

  private:
    config::System system_;
    std::optional<config::Lcores> lcores_;
    std::vector<config::Port> ports_;
    std::vector<config::Route> routes_;
    std::vector<std::string> tunnels_;
    bool wg_socket_;
};

}  // namespace ringway::control
