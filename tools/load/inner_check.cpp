#include "tools/load/inner_check.h"

namespace ringway::load {

bool InnerCheck::is_whole(const UdpView& udp) const {
    const Stamp stamp = read_stamp(udp.payload);
    if (!stamp_is_whole(stamp) || udp.source_port != flows_.port_of(stamp.flow)) return false;
    const IpAddress peer = plus(first_peer_, flows_.peer_of(stamp.flow));
    const auto source = IpAddress::from_wire(udp.family, udp.source);
    const auto destination = IpAddress::from_wire(udp.family, udp.destination);
    if (source != (to_peers_ ? host_ : peer) || destination != (to_peers_ ? peer : host_)) return false;
    return filling_is_whole({udp.payload + kStampBytes, udp.payload_bytes - kStampBytes});
}

}  // namespace ringway::load
