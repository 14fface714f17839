#pragma once

#include <cstdint>
#include <vector>

#include "control/host/netlink_socket.h"
#include "control/host/types.h"

namespace ringway::control::host {

/// An interface's addresses and the routes that people or programs put on it, as the kernel's own messages,
/// so that everything about them comes back: scopes, labels, lifetimes, metrics. Routes with several next
/// hops are not part of it: the kernel keeps them for their other interfaces.
class InterfaceSnapshot {
  public:
    /// `socket` is of NETLINK_ROUTE.
    [[nodiscard]] static Result<InterfaceSnapshot> take(NetlinkSocket& socket, InterfaceIndex interface);

    /// Removes from the interface what the snapshot holds.
    [[nodiscard]] Result<void> remove(NetlinkSocket& socket);
    /// Puts it back; what came back by itself is left alone. Returns what could not be.
    std::vector<HostError> restore(NetlinkSocket& socket);

  private:
    using Message = std::vector<std::uint8_t>;
    std::vector<Message> addresses_;
    std::vector<Message> routes_;  ///< those without a gateway first
};

}  // namespace ringway::control::host
