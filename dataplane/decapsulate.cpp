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

bool refuse(Lcore& lcore, Peer& peer, rte_mbuf* packet, DropReason reason) {
    lcore.drop(packet, reason, peer);
    return false;
}

template <typename Header>
bool has_addresses(const std::uint8_t* ip, const Endpoint& known) {
    constexpr std::size_t kBytes = sizeof(Header::source);
    return std::memcmp(ip + offsetof(Header, source), known.remote.bytes.data(), kBytes) == 0 &&
           std::memcmp(ip + offsetof(Header, destination), known.local.bytes.data(), kBytes) == 0;
}

/// Whether the outer headers of a message are those of `known`.
bool came_from(const Endpoint& known, rte_mbuf* packet) {
    const PacketMeta& m = meta(packet);
    if (known.remote.family != m.family || known.port != m.port) return false;
    const std::uint8_t* ip = data(packet) + m.outer_ip;
    UdpHeader udp;
    std::memcpy(&udp, data(packet) + m.message - sizeof(udp), sizeof(udp));
    if (udp.source.host() != known.remote_port) return false;
    return m.family == Family::v4 ? has_addresses<Ipv4Header>(ip, known)
                                  : has_addresses<Ipv6Header>(ip, known);
}

/// The peer roams on any authentic packet, even one whose inner source is refused.
void learn_endpoint(Dataplane& plane, Peer& peer, PeerIndex peer_index, rte_mbuf* packet) {
    if (came_from(peer.learned_endpoint, packet) && peer.endpoint.sequence() == peer.learned_sequence) return;
    const Endpoint seen = endpoint_of(packet);
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

bool decapsulate(Lcore& lcore, rte_mbuf* packet, bool authentic, Peer& peer, PeerIndex peer_index,
                 Keypair& keypair, Received& received, IpView& ip) {
    if (!authentic) return refuse(lcore, peer, packet, DropReason::auth_failed);
    const PacketMeta& m = meta(packet);
    crypto::MessageTransport header;
    std::memcpy(&header, data(packet) + m.message, sizeof(header));
    if (!keypair.replay.accept(header.counter.host()))
        return refuse(lcore, peer, packet, DropReason::replayed);

    learn_endpoint(lcore.plane, peer, peer_index, packet);
    ++received.packets;
    received.bytes += m.message_bytes;
    if (m.message_bytes == crypto::kTransportMinimumBytes) {
        lcore.counters.consumed.add();
        rte_pktmbuf_free(packet);
        return false;
    }
    received.data = true;

    set_data(packet, data(packet) + m.message + sizeof(header),
             m.message_bytes - crypto::kTransportMinimumBytes);
    if (!read_ip({data(packet), packet->data_len}, ip)) {
        take_in_band(lcore, packet, peer_index);
        return false;
    }
    set_data(packet, data(packet), ip.total_bytes);
    return true;
}

void note_received(Lcore& lcore, Peer& peer, PeerIndex peer_index, KeypairIndex keypair,
                   const Received& received) {
    if (received.packets == 0) return;
    confirm(lcore, peer_index, keypair);
    stamp_received(lcore, peer, peer_index, received.data);
    peer.rx_packets.add(received.packets);
    peer.rx_bytes.add(received.bytes);
}

}  // namespace ringway::dataplane
