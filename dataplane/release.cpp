#include "dataplane/release.h"

#include <rte_cycles.h>

#include "dataplane/bundling.h"
#include "dataplane/dataplane.h"
#include "dataplane/decapsulate.h"
#include "dataplane/events.h"
#include "dataplane/forward.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

/// Bundles of one peer in one go; more wait for the next turn so that peers take turns.
constexpr std::size_t kBudget = 8;

constexpr auto kRekeyAfter = static_cast<Nanoseconds>(crypto::kRekeyAfterTime.count());

/// The session that sealed a bundle wants a successor soon: paper section 6.2.
bool wants_rekey(const Keypair& keypair, const Bundle& bundle, Nanoseconds now) {
    if (bundle.first_counter + bundle.count > crypto::kRekeyAfterMessages) return true;
    return keypair.is_initiator && keypair.age(now) >= kRekeyAfter;
}

void stamp_sent(Lcore& lcore, Peer& peer, PeerIndex peer_index, bool is_data) {
    peer.stamps.keepalive_owed_since.store(0, std::memory_order_relaxed);
    peer.stamps.last_traversal.store(lcore.now, std::memory_order_relaxed);
    if (!is_data || peer.stamps.unanswered_since.load(std::memory_order_relaxed) != 0) return;
    peer.stamps.unanswered_since.store(lcore.now, std::memory_order_seq_cst);
    tell_activity(lcore.plane, peer_index);
}

/// Sends one sealed packet. False if its port has no room: the packet stays as it is.
bool send_sealed(Lcore& lcore, rte_mbuf* packet, Peer& peer, PeerIndex peer_index) {
    PacketMeta& m = meta(packet);
    if (!m.framed) {
        const PathVerdict verdict = path_to_peer(lcore, peer);
        if (verdict.kind == PathVerdict::Kind::dropped) {
            lcore.drop(packet, verdict.reason, peer);
            return true;
        }
        const std::size_t bytes = packet->data_len;
        stamp_sent(lcore, peer, peer_index, bytes > crypto::kTransportMinimumBytes);
        peer.tx_packets.add();
        peer.tx_bytes.add(bytes);
        encapsulate(lcore, packet, peer.path, outer_ds(m.ds));
        m.framed = true;
        m.port = peer.path.port;
        if (!finish_encapsulated(lcore, packet, verdict, m.port)) return true;
    }
    return put_on_port(lcore, packet, m.port);
}

/// Sends one opened packet on. False if its port has no room: the packet is then a frame already and
/// must only be put once more.
bool send_opened(Lcore& lcore, const Bundle& bundle, std::size_t position, Peer& peer) {
    rte_mbuf* packet = bundle.packets[position];
    if (!meta(packet).framed) {
        const bool authentic = ((bundle.authentic >> position) & 1U) != 0;
        packet = decapsulate(lcore, packet, authentic, peer, bundle.peer, bundle.keypair);
        if (packet == nullptr) return true;
        const PortIndex port = forward_decrypted(lcore, packet, peer.tunnel);
        if (port == kNoPort) return true;
        meta(packet).port = port;
        meta(packet).framed = true;
    }
    return put_on_port(lcore, packet, meta(packet).port);
}

/// Packets of the bundle that left, from where it was; all of them unless a port refused.
std::size_t release_bundle(Lcore& lcore, Bundle& bundle, Peer& peer) {
    const std::size_t before = bundle.drained;
    const bool dead = bundle.state.load(std::memory_order_relaxed) == Bundle::State::dead;
    for (; bundle.drained < bundle.count; ++bundle.drained) {
        rte_mbuf* packet = bundle.packets[bundle.drained];
        if (dead) {
            lcore.drop(packet, DropReason::crypto_ring_full, peer);
        } else if (bundle.direction == Direction::outbound) {
            if (!send_sealed(lcore, packet, peer, bundle.peer)) break;
        } else {
            if (!send_opened(lcore, bundle, bundle.drained, peer)) break;
        }
    }
    return bundle.drained - before;
}

void give_back_reference(Keypair& keypair) {
    keypair.returned.store(keypair.returned.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

/// The TSC of two CPUs may differ by a little.
void note_time(Lcore& lcore, const Bundle& bundle) {
    const std::uint64_t now = rte_rdtsc();
    const std::uint64_t cycles = now > bundle.opened ? now - bundle.opened : 0;
    lcore.times.bundles[static_cast<std::size_t>(bundle.direction)].add(lcore.cycles.nanoseconds(cycles));
}

struct Amount {
    std::uint64_t packets;
    std::uint64_t bytes;
};
Amount passed(const Peer& peer, Direction direction) {
    if (direction == Direction::outbound) return {peer.tx_packets.get(), peer.tx_bytes.get()};
    return {peer.rx_packets.get(), peer.rx_bytes.get()};
}

/// Only this lcore adds to the peer's counts: what they have grown by is what the tunnel's grow by.
void note_traffic(TunnelTraffic& tunnel, Direction direction, const Amount& before, const Amount& after) {
    const bool outbound = direction == Direction::outbound;
    (outbound ? tunnel.tx_packets : tunnel.rx_packets).add(after.packets - before.packets);
    (outbound ? tunnel.tx_bytes : tunnel.rx_bytes).add(after.bytes - before.bytes);
}

/// Packets of the peer's queue that left, in order, until one is not done or its port refuses.
std::size_t release_queue(Lcore& lcore, Peer& peer, PeerIndex peer_index, Direction direction) {
    Dataplane& plane = lcore.plane;
    SerialQueue& queue = peer.queue(direction);
    std::size_t moved = 0;
    for (std::size_t i = 0; i < kBudget; ++i) {
        Bundle* bundle = queue.head(plane.bundles);
        if (bundle == nullptr || bundle->state.load(std::memory_order_acquire) == Bundle::State::pending) {
            return moved;
        }
        const std::size_t released = release_bundle(lcore, *bundle, peer);
        queue.release(static_cast<std::uint32_t>(released));
        moved += released;
        if (bundle->drained < bundle->count) break;
        Keypair& keypair = plane.keypairs[bundle->keypair];
        if (direction == Direction::outbound && wants_rekey(keypair, *bundle, lcore.now)) {
            want_session(plane, peer_index);
        }
        note_time(lcore, *bundle);
        give_back_reference(keypair);
        queue.pop(plane.bundles);
    }
    signal_ready(plane, peer_index, direction);
    return moved;
}

}  // namespace

bool finish_encapsulated(Lcore& lcore, rte_mbuf* packet, const PathVerdict& verdict, PortIndex port) {
    if (verdict.kind == PathVerdict::Kind::port) return true;
    (void)rte_pktmbuf_adj(packet, kEthernetBytes);
    if (verdict.kind == PathVerdict::Kind::unresolved) {
        wait_for_neighbour(lcore, packet, port, verdict.next_hop);
        return false;
    }
    const std::optional<IpView> ip = parse_ip({data(packet), packet->data_len});
    if (!ip || ip->total_bytes > lcore.plane.tunnels[verdict.tunnel]->mtu) {
        lcore.drop(packet, DropReason::too_big);
    } else {
        meta(packet).kind = PacketKind::plain;
        send_into_tunnel(lcore, packet, *ip, verdict.tunnel);
    }
    return false;
}

std::size_t release_in_order(Lcore& lcore, PeerIndex peer_index, Direction direction) {
    Peer& peer = lcore.plane.peers[peer_index];
    const Amount before = passed(peer, direction);
    const std::size_t moved = release_queue(lcore, peer, peer_index, direction);
    const Amount after = passed(peer, direction);
    if (after.packets != before.packets)
        note_traffic(lcore.tx->traffic[peer.tunnel], direction, before, after);
    return moved;
}

}  // namespace ringway::dataplane
