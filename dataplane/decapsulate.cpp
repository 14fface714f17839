#include "dataplane/decapsulate.h"

#include <cstring>

#include "dataplane/dataplane.h"
#include "dataplane/events.h"
#include "dataplane/in_band.h"
#include "dataplane/lcore.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

constexpr auto kReceiveAging = static_cast<Nanoseconds>(
    (crypto::kRejectAfterTime - crypto::kKeepaliveTimeout - crypto::kRekeyTimeout).count());

rte_mbuf* refuse(Lcore& lcore, Peer& peer, rte_mbuf* packet, DropReason reason) {
    lcore.drop(packet, reason, peer);
    return nullptr;
}

/// The peer roams on any authentic packet, even one whose inner source is refused.
void learn_endpoint(Dataplane& plane, Peer& peer, PeerIndex peer_index, rte_mbuf* packet) {
    const Endpoint seen = endpoint_of(packet);
    if (seen == peer.learned_endpoint && peer.endpoint.sequence() == peer.learned_sequence) return;
    // Not endpoint.sequence(): the control side may have written another one meanwhile.
    if (!peer.endpoint.try_write(seen, peer.learned_sequence)) return;
    peer.learned_endpoint = seen;
    peer.has_endpoint.store(true, std::memory_order_relaxed);
    peer.outer_is_v6.store(seen.remote.family == Family::v6, std::memory_order_relaxed);
    tell_roaming(plane, peer_index);
}

/// The tx lcore only marks; the control side rotates.
void confirm(Lcore& lcore, PeerIndex peer, KeypairIndex index) {
    Keypair& keypair = lcore.plane.keypairs[index];
    if (!keypair.is_initiator && !keypair.confirmed.load(std::memory_order_relaxed)) {
        keypair.confirmed.store(true, std::memory_order_release);
        (void)lcore.plane.events.push({Event::Kind::confirmed, peer, index});
    }
    if (keypair.is_initiator && !keypair.aging_told && keypair.age(lcore.now) >= kReceiveAging) {
        keypair.aging_told = true;
        (void)lcore.plane.events.push({Event::Kind::receive_aging, peer, index});
    }
}

void stamp_received(Lcore& lcore, Peer& peer, PeerIndex peer_index, bool is_data) {
    peer.stamps.unanswered_since.store(0, std::memory_order_relaxed);
    peer.stamps.last_traversal.store(lcore.now, std::memory_order_relaxed);
    if (!is_data || peer.stamps.keepalive_owed_since.load(std::memory_order_relaxed) != 0) return;
    peer.stamps.keepalive_owed_since.store(lcore.now, std::memory_order_seq_cst);
    tell_activity(lcore.plane, peer_index);
}

/// Cuts the mbuf down to the plaintext.
void strip_to_plaintext(rte_mbuf* packet) {
    const PacketMeta& m = meta(packet);
    const auto plaintext = static_cast<std::uint16_t>(m.message_bytes - crypto::kTransportMinimumBytes);
    (void)rte_pktmbuf_adj(packet, static_cast<std::uint16_t>(m.message + sizeof(crypto::MessageTransport)));
    rte_pktmbuf_trim(packet, static_cast<std::uint16_t>(packet->data_len - plaintext));
}

}  // namespace

Endpoint endpoint_of(rte_mbuf* packet) {
    const PacketMeta& m = meta(packet);
    const std::uint8_t* ip = data(packet) + m.outer_ip;
    UdpHeader udp;
    std::memcpy(&udp, data(packet) + m.message - sizeof(udp), sizeof(udp));
    const std::size_t source =
        m.family == Family::v4 ? offsetof(Ipv4Header, source) : offsetof(Ipv6Header, source);
    const std::size_t destination =
        m.family == Family::v4 ? offsetof(Ipv4Header, destination) : offsetof(Ipv6Header, destination);
    return {.remote = IpAddress::from_wire(m.family, ip + source),
            .remote_port = udp.source.host(),
            .local = IpAddress::from_wire(m.family, ip + destination),
            .port = m.port};
}

rte_mbuf* decapsulate(Lcore& lcore, rte_mbuf* packet, bool authentic, Peer& peer, PeerIndex peer_index,
                      KeypairIndex keypair_index) {
    if (!authentic) return refuse(lcore, peer, packet, DropReason::auth_failed);
    crypto::MessageTransport header;
    std::memcpy(&header, data(packet) + meta(packet).message, sizeof(header));
    if (!lcore.plane.keypairs[keypair_index].replay.accept(header.counter.host())) {
        return refuse(lcore, peer, packet, DropReason::replayed);
    }

    const bool is_data = meta(packet).message_bytes > crypto::kTransportMinimumBytes;
    const std::uint8_t outer_ds = meta(packet).ds;
    learn_endpoint(lcore.plane, peer, peer_index, packet);
    confirm(lcore, peer_index, keypair_index);
    stamp_received(lcore, peer, peer_index, is_data);
    peer.rx_packets.add();
    peer.rx_bytes.add(meta(packet).message_bytes);
    if (!is_data) {
        lcore.counters.consumed.add();
        rte_pktmbuf_free(packet);
        return nullptr;
    }

    strip_to_plaintext(packet);
    const std::optional<IpView> ip = parse_ip({data(packet), packet->data_len});
    if (!ip) {
        take_in_band(lcore, packet, peer_index);
        return nullptr;
    }
    const Tunnel& tunnel = *lcore.plane.tunnels[peer.tunnel];
    if (tunnel.allowed_ips.lookup(ip->family, ip->source) != peer_index) {
        return refuse(lcore, peer, packet, DropReason::disallowed_source);
    }
    rte_pktmbuf_trim(packet, static_cast<std::uint16_t>(packet->data_len - ip->total_bytes));
    if (!propagate_congestion(outer_ds, ip->family, data(packet))) {
        return refuse(lcore, peer, packet, DropReason::ecn_invalid);
    }
    return packet;
}

}  // namespace ringway::dataplane
