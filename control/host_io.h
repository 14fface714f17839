#pragma once

#include <poll.h>

#include <atomic>
#include <vector>

#include "control/host/tun_device.h"
#include "dataplane/counters.h"
#include "dataplane/dataplane.h"

namespace ringway::control {

/// Moves packets between the host interfaces (our TUN and TAP descriptors) and the lcores, which make
/// no system calls. One thread runs it.
class HostIo {
  public:
    explicit HostIo(dataplane::Dataplane& plane) : plane_(plane) {}

    /// Before run(). The device must outlive it.
    void add_tap(const host::TunDevice& device, dataplane::HostIndex host, dataplane::PortIndex port);
    void add_tun(const host::TunDevice& device, dataplane::HostIndex host, dataplane::TunnelIndex tunnel);

    /// Until `stop`; then writes what still waits for the host and returns.
    void run(const std::atomic<bool>& stop);

    /// What passed; one writer.
    [[nodiscard]] dataplane::Counters& counters() { return counters_; }

  private:
    struct Interface {
        int fd;
        dataplane::HostIndex host;
        dataplane::PortIndex port;      ///< of a TAP
        dataplane::TunnelIndex tunnel;  ///< of a TUN
        [[nodiscard]] bool is_tap() const { return port != dataplane::kNoPort; }
    };

    std::size_t read_some(const Interface& interface);
    std::size_t write_some(const Interface& interface);
    void hand_over(rte_mbuf* packet, const Interface& interface);
    /// Reads what wait() found readable, and writes what the lcores have for the host. How many packets.
    std::size_t turn();
    /// Sleeps until a descriptor is readable, not longer than `nanoseconds`: the lcores can't wake us.
    void wait(long nanoseconds);

    dataplane::Dataplane& plane_;
    std::vector<Interface> interfaces_;
    std::vector<pollfd> poll_set_;
    bool short_of_memory_ = false;
    dataplane::Counters counters_;
};

}  // namespace ringway::control
