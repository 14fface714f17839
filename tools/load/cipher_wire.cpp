#include "tools/load/cipher_wire.h"

#include <cassert>
#include <cstring>

namespace ringway::load {

CipherWire::CipherWire(Link& link, const PeerNumbering& numbering, const IpAddress& gateway,
                       std::uint16_t gateway_port)
    : link_(link), numbering_(numbering), gateway_(gateway), gateway_port_(gateway_port) {}

void CipherWire::write_headers(std::uint8_t* out, PeerNumber peer, std::span<const std::uint8_t> message) {
    const dataplane::OuterHeaders headers{.destination_mac = next_hop_,
                                          .source_mac = link_.mac(),
                                          .source = numbering_.outer(peer),
                                          .destination = gateway_,
                                          .source_port = numbering_.port(peer),
                                          .destination_port = gateway_port_};
    const std::uint32_t sum = gateway_.family == Family::v6 ? dataplane::ones_sum(message) : 0;
    dataplane::OuterTemplate(headers).write(out, static_cast<std::uint16_t>(message.size()), 0, sum,
                                            ip_id_++);
}

bool CipherWire::send(PeerNumber peer, std::span<const std::uint8_t> message) {
    std::array<std::uint8_t, kMaxControlFrame> frame;
    assert(header_bytes() + message.size() <= frame.size());
    write_headers(frame.data(), peer, message);
    std::memcpy(frame.data() + header_bytes(), message.data(), message.size());
    return link_.send({frame.data(), header_bytes() + message.size()});
}

}  // namespace ringway::load
