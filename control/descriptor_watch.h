#pragma once

#include "control/log/log.h"

namespace ringway::control {

/// Tells when the process has no descriptor left: nobody who then connects (a console, REST, wg(8)) can be
/// told why they wait. Control thread.
class DescriptorWatch {
  public:
    explicit DescriptorWatch(const Logger& logger) : logger_(logger) {}

    /// Looks whether one more could be opened. About once a second.
    void look();

  private:
    Logger logger_;
    bool exhausted_ = false;
};

}  // namespace ringway::control
