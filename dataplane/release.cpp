#include "dataplane/release.h"

#include <rte_cycles.h>

#include "dataplane/dataplane.h"
#include "dataplane/decapsulate.h"
#include "dataplane/events.h"
#include "dataplane/forward.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"
#include "dataplane/ready_signals.h"
#include "dataplane/tx.h"

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

/// What was sent of one bundle; its peer hears of it once.
struct Sent {
    std::uint32_t packets = 0;
    std::uint64_t bytes = 0;
    bool data = false;  ///< one of them was no keepalive

    void add(std::size_t message_bytes) {
        ++packets;
        bytes += message_bytes;
        data |= message_bytes > crypto::kTransportMinimumBytes;
    }
};

void note_sent(Lcore& lcore, Peer& peer, PeerIndex peer_index, const Sent& sent) {
    if (sent.packets == 0) return;
    peer.tx_packets.add(sent.packets);
    peer.tx_bytes.add(sent.bytes);
    peer.stamps.keepalive_owed_since.store(0, std::memory_order_relaxed);
    peer.stamps.last_traversal.store(lcore.now, std::memory_order_relaxed);
    if (!sent.data || peer.stamps.unanswered_since.load(std::memory_order_relaxed) != 0) return;
    peer.stamps.unanswered_since.store(lcore.now, std::memory_order_seq_cst);
    tell_activity(lcore.plane, peer_index);
}

/// Sends sealed packets by the peer's port until it has no room.
void send_by_port(Lcore& lcore, Bundle& bundle, Peer& peer, Sent& sent) {
    const OuterPath& path = peer.path;
    TxBuffer& buffer = lcore.tx->buffers[path.port];
    const std::size_t most = kEthernetBytes + std::size_t{lcore.plane.ports[path.port]->mtu()};
    for (; bundle.drained < bundle.count; ++bundle.drained) {
        rte_mbuf* packet = bundle.packets[bundle.drained];
        const Room room = buffer.full() ? make_room(lcore, path.port) : Room::yes;
        if (room == Room::not_yet) return;
        sent.add(packet->data_len);
        if (room == Room::never) {
            lcore.drop(packet, DropReason::port_down);
        } else if (std::size_t{path.outer.size()} + packet->data_len > most) {
            lcore.drop(packet, DropReason::too_big);
        } else {
            encapsulate(*lcore.tx, packet, path, outer_ds(meta(packet).ds));
            buffer.put(packet);
        }
    }
}

/// Sealed packets whose way is not a port's yet, or never: to wait for the kernel, or into a tunnel.
void send_elsewhere(Lcore& lcore, Bundle& bundle, Peer& peer, const PathVerdict& verdict, Sent& sent) {
    for (; bundle.drained < bundle.count; ++bundle.drained) {
        rte_mbuf* packet = bundle.packets[bundle.drained];
        if (verdict.kind == PathVerdict::Kind::dropped) {
            lcore.drop(packet, verdict.reason, peer);
            continue;
        }
        sent.add(packet->data_len);
        encapsulate(*lcore.tx, packet, peer.path, outer_ds(meta(packet).ds));
        meta(packet).port = peer.path.port;
        (void)finish_encapsulated(lcore, packet, verdict, peer.path.port);
    }
}

void release_sealed(Lcore& lcore, Bundle& bundle, Peer& peer) {
    Sent sent;
    const PathVerdict verdict = path_to_peer(lcore, peer);
    if (verdict.kind == PathVerdict::Kind::port) {
        send_by_port(lcore, bundle, peer, sent);
    } else {
        send_elsewhere(lcore, bundle, peer, verdict, sent);
    }
    note_sent(lcore, peer, bundle.peer, sent);
}

/// Sends one opened packet on. False if its port has no room: the packet is then a frame already and
/// must only be put once more.
bool send_opened(Lcore& lcore, const Bundle& bundle, Peer& peer, Keypair& keypair, Received& received) {
    rte_mbuf* packet = bundle.packets[bundle.drained];
    PacketMeta& m = meta(packet);
    if (!m.framed) {
        const bool authentic = ((bundle.authentic >> bundle.drained) & 1U) != 0;
        IpView ip;
        if (!decapsulate(lcore, packet, authentic, peer, bundle.peer, keypair, received, ip)) return true;
        const PortIndex port = forward_decrypted(lcore, packet, ip, bundle.peer);
        if (port == kNoPort) return true;
        m.port = port;
        m.framed = true;
    }
    return put_on_port(lcore, packet, m.port);
}

void release_opened(Lcore& lcore, Bundle& bundle, Peer& peer) {
    Keypair& keypair = lcore.plane.keypairs[bundle.keypair];
    Received received;
    for (; bundle.drained < bundle.count; ++bundle.drained) {
        if (!send_opened(lcore, bundle, peer, keypair, received)) break;
    }
    note_received(lcore, peer, bundle.peer, bundle.keypair, received);
}

void release_dead(Lcore& lcore, Bundle& bundle, Peer& peer) {
    for (; bundle.drained < bundle.count; ++bundle.drained)
        lcore.drop(bundle.packets[bundle.drained], DropReason::crypto_ring_full, peer);
}

/// Packets of the bundle that left, from where it was; all of them unless a port refused.
std::size_t release_bundle(Lcore& lcore, Bundle& bundle, Peer& peer) {
    const std::size_t before = bundle.drained;
    if (bundle.state.load(std::memory_order_relaxed) == Bundle::State::dead) {
        release_dead(lcore, bundle, peer);
    } else if (bundle.direction == Direction::outbound) {
        release_sealed(lcore, bundle, peer);
    } else {
        release_opened(lcore, bundle, peer);
    }
    return bundle.drained - before;
}

void give_back_reference(Keypair& keypair) {
    keypair.returned.store(keypair.returned.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

/// The TSC of two CPUs may differ by a little.
void note_time(Lcore& lcore, const Bundle& bundle) {
    const std::uint64_t now = lcore.tx->time.after(bundle.count, rte_rdtsc);
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
        Bundle* bundle = queue.head(lcore.bundles);
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
        queue.pop(lcore.bundles);
    }
    ReadySignals(lcore).signal({peer_index, direction}, peer.tx);
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
