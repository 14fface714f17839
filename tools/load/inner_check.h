#pragma once

#include <cstdint>
#include <span>

#include "tools/load/flows.h"
#include "tools/load/frame.h"
#include "tools/load/numbering.h"
#include "tools/load/size_mix.h"
#include "tools/load/stamp.h"

namespace ringway::load {

/// What every inner packet of one direction must look like: the other half of InnerHeaders and the filling.
class InnerCheck {
  public:
    /// Peer n has the n-th address behind `first_peer`, as destination if `to_peers` and else as source; the
    /// other end is `host`.
    InnerCheck(const Flows& flows, const IpAddress& host, const IpAddress& first_peer, bool to_peers)
        : flows_(flows), host_(host), first_peer_(first_peer), to_peers_(to_peers) {}

    /// Whether this is a packet of ours, by its destination port; its stamp is not looked at.
    [[nodiscard]] static bool is_ours(const UdpView& udp) {
        return udp.destination_port == kLoadPort && udp.payload_bytes >= kStampBytes;
    }
    /// The stamp fits itself and a flow there is.
    [[nodiscard]] bool stamp_is_whole(const Stamp& stamp) const {
        return stamp.check == check_of(stamp) && stamp.flow < flows_.count();
    }
    /// Every byte but the IP header's own fields is as it was sent. REQUIRES: is_ours().
    [[nodiscard]] bool is_whole(const UdpView& udp) const;

  private:
    Flows flows_;
    IpAddress host_;
    IpAddress first_peer_;
    bool to_peers_;
};

}  // namespace ringway::load
