#include "dataplane/tx.h"

#include <rte_prefetch.h>

#include <array>
#include <cstring>
#include <span>

#include "dataplane/dataplane.h"
#include "dataplane/encapsulate.h"
#include "dataplane/forward.h"
#include "dataplane/in_steps.h"
#include "dataplane/inbound.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"
#include "dataplane/release.h"

namespace ringway::dataplane {
namespace {

constexpr std::size_t kBurst = 64;

std::size_t flush(Lcore& lcore, PortIndex port) {
    TxStage& tx = *lcore.tx;
    const std::size_t sent = tx.buffers[port].flush(lcore.plane.ports[port]->ethdev(), tx.queue, lcore.now);
    lcore.counters.out.add(sent);
    return sent;
}

/// A handshake message of ours. True if it now is a frame for meta().port.
bool encapsulate_message(Lcore& lcore, rte_mbuf* packet) {
    PacketMeta& m = meta(packet);
    OuterPath path;
    const PathVerdict verdict = resolve_path(lcore, m.tunnel, m.to, path);
    if (verdict.kind == PathVerdict::Kind::dropped) {
        lcore.drop(packet, verdict.reason);
        return false;
    }
    encapsulate(*lcore.tx, packet, path, m.ds);
    m.port = path.port;
    return finish_encapsulated(lcore, packet, verdict, path.port);
}

/// True if the packet is a complete frame for meta().port.
bool make_frame(Lcore& lcore, rte_mbuf* packet) {
    PacketMeta& m = meta(packet);
    switch (m.kind) {
        case PacketKind::message:
            return encapsulate_message(lcore, packet);
        case PacketKind::routed:
            return add_ethernet(lcore, packet, m.port, m.to.remote);
        default:
            return true;
    }
}

/// Sends what the host and the control side submitted, in order, until a port has no room.
std::size_t send_submitted(Lcore& lcore) {
    TxStage& tx = *lcore.tx;
    std::size_t work = 0;
    for (std::size_t i = 0; i < kBurst; ++i) {
        rte_mbuf* packet = tx.stuck.load(std::memory_order_relaxed);
        if (packet == nullptr) {
            if (!tx.submitted.pop(packet)) break;
            ++work;
            if (!make_frame(lcore, packet)) continue;
        }
        const bool sent = put_on_port(lcore, packet, meta(packet).port);
        tx.stuck.store(sent ? nullptr : packet, std::memory_order_relaxed);
        if (!sent) break;
    }
    return work;
}

/// What releasing a bundle reads of its session, and of the flow that its next packet belongs to. Until it is
/// done its packets are a crypto lcore's, and an emptied one has none.
void prefetch_bundle(const Lcore& lcore, const Bundle& bundle) {
    const bool done = bundle.state.load(std::memory_order_acquire) == Bundle::State::done;
    if (!done || bundle.drained == bundle.count) return;
    const Dataplane& plane = lcore.plane;
    const Keypair& keypair = plane.keypairs[bundle.keypair];
    rte_prefetch0(&keypair.returned);
    if (bundle.direction == Direction::outbound) return plane.peers[bundle.peer].prefetch_to_send();
    plane.peers[bundle.peer].prefetch_to_receive();
    rte_prefetch0(&keypair.confirmed);
    const rte_mbuf* packet = bundle.packets[bundle.drained];
    const std::uint8_t* message = data(packet) + meta(packet).message;
    crypto::MessageTransport header;
    std::memcpy(&header, message, sizeof(header));
    keypair.replay.prefetch(header.counter.host());
    IpView ip;
    if (!read_ip({message + sizeof(header), meta(packet).message_bytes - sizeof(header)}, ip)) return;
    FlowKey key;
    key.set_from_tunnel(keypair.tunnel, ip);
    lcore.flows.prefetch(key);
}

/// With many peers each comes cold: what releasing touches is fetched a few peers ahead, in the order in
/// which one thing leads to the next.
std::size_t drain_ready(Lcore& lcore) {
    std::array<Ready, kBurst> ready;
    std::array<BundleIndex, kBurst> heads;
    Dataplane& plane = lcore.plane;
    const std::size_t n = lcore.tx->ready.pop_some(ready);
    if (n == 0) return 0;
    lcore.counters.ring_operations.add();
    const auto queue = [&](std::size_t i) -> SerialQueue& {
        return plane.peers[ready[i].peer].queue(ready[i].direction);
    };
    std::size_t moved = 0;
    in_steps(
        n, [&](std::size_t i) { queue(i).prefetch_to_drain(); },
        [&](std::size_t i) {
            heads[i] = queue(i).peek();
            if (heads[i] != kNoBundle) rte_prefetch0(&plane.bundles.at(heads[i]));
        },
        [&](std::size_t i) {
            if (heads[i] != kNoBundle) prefetch_bundle(lcore, plane.bundles.at(heads[i]));
        },
        [&](std::size_t i) {
            queue(i).ready().lower(plane.sharing);
            moved += release_in_order(lcore, ready[i].peer, ready[i].direction);
        });
    return moved;
}

/// A frame of the host's VLAN interfaces is longer by its tag.
bool fits(const rte_mbuf* packet, std::uint16_t mtu) {
    if (packet->pkt_len <= mtu + kEthernetBytes) return true;
    EthernetHeader ethernet;
    std::memcpy(&ethernet, data(packet), sizeof(ethernet));
    return ethernet.type.host() == kEtherTypeVlan && packet->pkt_len <= mtu + kEthernetBytes + kVlanTagBytes;
}

}  // namespace

Room make_room(Lcore& lcore, PortIndex port) {
    TxBuffer& buffer = lcore.tx->buffers[port];
    if (buffer.full()) (void)flush(lcore, port);
    if (!buffer.full()) return Room::yes;
    return buffer.is_down(lcore.now) ? Room::never : Room::not_yet;
}

bool put_on_port(Lcore& lcore, rte_mbuf* packet, PortIndex port) {
    if (!fits(packet, lcore.plane.ports[port]->mtu())) {
        lcore.drop(packet, DropReason::too_big);
        return true;
    }
    switch (make_room(lcore, port)) {
        case Room::yes:
            lcore.tx->buffers[port].put(packet);
            return true;
        case Room::not_yet:
            return false;
        case Room::never:
            break;
    }
    lcore.drop(packet, DropReason::port_down);
    return true;
}

bool poll_tx(Lcore& lcore) {
    lcore.tx->time.set(lcore.stage_began);
    std::size_t work = send_submitted(lcore);
    work += drain_ready(lcore);
    // Packets that go from one tunnel into another begin their second way here.
    close_inbound(lcore);
    close_outbound(lcore);
    for (std::size_t port = 0; port < lcore.plane.ports.size(); ++port)
        work += flush(lcore, static_cast<PortIndex>(port));
    return work != 0;
}

}  // namespace ringway::dataplane
