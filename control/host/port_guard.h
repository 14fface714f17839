#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/host/netns.h"
#include "control/host/types.h"

namespace ringway::control::host {

/// Keeps the kernel's stack away from an interface whose frames a DPDK port reads by packet socket
/// (af_packet). Otherwise the kernel would process every frame a second time: answer WireGuard with
/// port unreachable, or forward plain packets in clear past the tunnel. While the guard lives:
///  - an nftables chain drops everything at the interface's ingress, which lies behind the packet tap;
///  - the interface has no addresses and no IPv6, and is up;
///  - it neither merges packets on receive nor leaves checksums or splitting to be done on send.
/// All this is undone with it. After a crash the chain is gone too (the kernel removes it with the
/// socket that owns it); addresses and IPv6 settings then are the operator's to put back.
class PortGuard {
  public:
    /// EBUSY: another process guards the interface, or it is a member of a bridge, bond or VRF, which
    /// would be cut off. On error nothing is left changed.
    [[nodiscard]] static Result<PortGuard> install(const NetnsHandle& netns, const std::string& interface);
    ~PortGuard();
    PortGuard(PortGuard&&) noexcept;
    PortGuard& operator=(PortGuard&&) = delete;

    /// Undoes everything now; returns what could not be undone. The destructor does the same and keeps quiet.
    std::vector<HostError> release();

    [[nodiscard]] InterfaceIndex index() const;
    /// A veth's frames come straight from the other end's stack: with that end's transmit offloads on,
    /// their checksums are unfinished and their TCP segments unsplit. `ethtool -K PEER tx off` there helps.
    [[nodiscard]] bool is_veth() const;

  private:
    struct State;
    explicit PortGuard(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace ringway::control::host
