#pragma once

#include <string>

#include "control/host/netlink_socket.h"
#include "control/host/netns.h"

namespace ringway::control::host {

/// An nftables table "ringway-INTERFACE" of family netdev whose one chain drops everything that the interface
/// receives, before anything but packet taps, XDP and tc has seen it. The table is owned by a socket of ours:
/// the kernel removes it with the socket, even after a crash, and no `nft flush ruleset` touches it.
class IngressDrop {
  public:
    /// EPERM with a living owner: another process has the interface.
    [[nodiscard]] static Result<IngressDrop> install(const NetnsHandle& netns, const std::string& interface);

  private:
    explicit IngressDrop(NetlinkSocket owner) : owner_(std::move(owner)) {}
    NetlinkSocket owner_;
};

}  // namespace ringway::control::host
