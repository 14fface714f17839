#pragma once

#include <vector>

#include "config/configuration.h"
#include "control/fixed_settings.h"
#include "control/host/tun_device.h"
#include "control/log/log.h"
#include "control/namespaces.h"
#include "control/tunnels.h"
#include "dataplane/dataplane.h"

namespace ringway::control {

/// Makes host interfaces anew that somebody has deleted or moved to another namespace, with the addresses
/// and routes that the configuration gives them; what an operator or a routing daemon had added is gone.
/// Where an interface belongs is the configuration's to say. Control thread.
class InterfaceMender {
  public:
    /// `taps`: by port.
    InterfaceMender(dataplane::Dataplane& plane, Namespaces& namespaces, std::vector<host::TunDevice>& taps,
                    Tunnels& tunnels, const FixedSettings& fixed, const Logger& logger)
        : plane_(plane),
          namespaces_(namespaces),
          taps_(taps),
          tunnels_(tunnels),
          fixed_(fixed),
          logger_(logger) {}

    /// To be called about once a second. What can't be made yet is tried again the next time.
    void look();

  private:
    void put_routes();
    /// True if the interface was gone and is there again.
    bool mend(host::TunDevice& device, Namespace& n);

    dataplane::Dataplane& plane_;
    Namespaces& namespaces_;
    std::vector<host::TunDevice>& taps_;
    Tunnels& tunnels_;
    const FixedSettings& fixed_;
    Logger logger_;
    LogLimit limit_;
};

}  // namespace ringway::control
