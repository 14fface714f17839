#include "dataplane/home.h"

#include "dataplane/bundling.h"
#include "dataplane/dataplane.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

constexpr std::size_t kBurst = 64;

void drop_oldest(Lcore& lcore, Peer& peer, DropReason reason) {
    rte_mbuf* packet = lcore.rx->staged.take(peer.staged);
    if (packet == nullptr) return;
    lcore.plane.waiting.give();
    lcore.drop(packet, reason, peer);
}

/// Oldest out, of this peer at 128, of any when memory is short.
void stage(Lcore& lcore, rte_mbuf* packet) {
    StagingList& staged = lcore.rx->staged;
    Peer& peer = lcore.plane.peers[meta(packet).peer];
    ++peer.staged_received;
    if (peer.staged.count >= crypto::kMaxStagedPackets) drop_oldest(lcore, peer, DropReason::staging_full);
    while (!lcore.plane.waiting.take()) {
        if (staged.oldest() == nullptr) return lcore.drop(packet, DropReason::memory_short, peer);
        drop_oldest(lcore, lcore.plane.peers[meta(staged.oldest()).peer], DropReason::memory_short);
    }
    staged.append(peer.staged, packet);
}

/// All that has come by now: a switch of keypairs waits for the last of it. Not "until nothing comes":
/// other lcores may be sending as fast as this.
std::size_t receive_staged(Lcore& lcore) {
    std::array<rte_mbuf*, kBurst> packets;
    const std::size_t waiting = lcore.rx->to_staging.size();
    std::size_t n = 0;
    while (n < waiting) {
        const std::size_t popped = lcore.rx->to_staging.pop_some(packets);
        if (popped == 0) break;
        for (std::size_t i = 0; i < popped; ++i)
            stage(lcore, packets[i]);
        n += popped;
    }
    return n;
}

/// A packet for another lcore's staging. If its ring refuses it, the word has counted it all the
/// same: the home must know that it will never come.
void pass_on(Lcore& lcore, Lcore& home, rte_mbuf* packet) {
    if (home.rx->to_staging.push(packet)) return;
    Peer& peer = lcore.plane.peers[meta(packet).peer];
    peer.staging_lost.fetch_add(1, std::memory_order_release);
    lcore.drop(packet, DropReason::staging_full, peer);
}

/// Packets counted in the serial word that are not on their way here any more.
std::uint64_t arrived(const Peer& peer) {
    return peer.staged_received + peer.staging_lost.load(std::memory_order_acquire);
}

void drop_staged(Lcore& lcore, Peer& peer) {
    while (peer.staged.count != 0)
        drop_oldest(lcore, peer, DropReason::staging_abandoned);
}

/// Takes up to a bundle of the peer's staged packets; null when there are none or no bundle is free.
Bundle* take_staged(Lcore& lcore, PeerIndex peer_index) {
    Peer& peer = lcore.plane.peers[peer_index];
    if (peer.staged.count == 0) return nullptr;
    Bundle* bundle = lcore.bundles.take(lcore.stage_began);
    if (bundle == nullptr) return nullptr;
    bundle->direction = Direction::outbound;
    bundle->peer = peer_index;
    while (!bundle->full() && peer.staged.count != 0) {
        bundle->append(lcore.rx->staged.take(peer.staged));
        lcore.plane.waiting.give();
    }
    return bundle;
}

/// Links a staged bundle, sealed by a keypair that no other lcore can see yet, so that everything
/// later queues behind it: the word goes on saying "no keypair" and counting stagings.
void link_staged(Lcore& lcore, Bundle* bundle, KeypairIndex index) {
    Dataplane& plane = lcore.plane;
    Peer& peer = plane.peers[bundle->peer];
    Keypair& keypair = plane.keypairs[index];
    bundle->keypair = index;
    bundle->tx = peer.tx;
    bundle->first_counter = keypair.first_free_counter;
    keypair.first_free_counter += bundle->count;
    add_among_lcores(keypair.taken, std::uint64_t{1}, plane.sharing);
    SerialState seen = peer.outbound.glance();
    while (!peer.outbound.link(lcore.bundles, seen, bundle, seen.counter))
        seen = peer.outbound.glance();
    submit(lcore, bundle);
}

/// Takes the peer's keypair away: from now on its packets are staged.
void take_keypair(Peer& peer, Sharing sharing) {
    for (;;) {
        const SerialState seen = peer.outbound.glance();
        if (seen.keypair == kNoKeypair) return;
        const std::uint64_t base = arrived(peer);
        peer.staged_base.store(base, std::memory_order_release);
        if (peer.outbound.exchange_keypair(seen, kNoKeypair, base, sharing)) return;
    }
}

/// Puts the keypair in place, staged packets first. False if packets counted for staging have not
/// arrived here yet, or no bundle is free: then once more in the next turn.
bool put_keypair(Lcore& lcore, const KeypairSwitch& change) {
    Peer& peer = lcore.plane.peers[change.peer];
    Keypair& keypair = lcore.plane.keypairs[change.keypair];
    if (keypair.was_in_place) return true;
    for (;;) {
        const SerialState seen = peer.outbound.glance();
        if (seen.keypair == kNoKeypair) {
            while (Bundle* bundle = take_staged(lcore, change.peer))
                link_staged(lcore, bundle, change.keypair);
            if (peer.staged.count != 0 || seen.counter != arrived(peer)) return false;
            peer.staged_base.store(seen.counter, std::memory_order_release);
        }
        // Linking has moved the tail; nobody may have staged or taken a keypair away meanwhile.
        const SerialState now = peer.outbound.glance();
        if (now.keypair != seen.keypair || (seen.keypair == kNoKeypair && now.counter != seen.counter))
            continue;
        keypair.was_in_place = true;
        if (peer.outbound.exchange_keypair(now, change.keypair, keypair.first_free_counter,
                                           lcore.plane.sharing))
            return true;
        keypair.was_in_place = false;
    }
}

bool switch_keypair(Lcore& lcore, const KeypairSwitch& change) {
    if (change.keypair != kNoKeypair) return put_keypair(lcore, change);
    take_keypair(lcore.plane.peers[change.peer], lcore.plane.sharing);
    return true;
}

/// A packet of ours, in its order among the peer's.
void send_alone(Lcore& lcore, rte_mbuf* packet, PeerIndex peer_index) {
    Bundle* bundle = lcore.bundles.take(lcore.stage_began);
    if (bundle == nullptr)
        return lcore.drop(packet, DropReason::bundles_exhausted, lcore.plane.peers[peer_index]);
    bundle->direction = Direction::outbound;
    bundle->peer = peer_index;
    bundle->append(packet);
    send_bundle(lcore, bundle);
}

/// Without a session there is nothing to keep alive.
void send_keepalive(Lcore& lcore, PeerIndex peer_index) {
    if (lcore.plane.peers[peer_index].outbound.glance().keypair == kNoKeypair) return;
    rte_mbuf* packet = lcore.plane.make_packet();
    if (packet == nullptr) return;
    lcore.counters.made_here.add();
    send_alone(lcore, packet, peer_index);
}

/// Without a session it waits for one, as any packet.
void send_message(Lcore& lcore, const Request& request) {
    lcore.rx->messages.fetch_sub(1, std::memory_order_relaxed);
    send_alone(lcore, request.packet, request.peer);
}

/// A later switch of the same peer replaces one that still waits.
void forget_postponed(RxStage& rx, PeerIndex peer) {
    std::erase_if(rx.postponed, [peer](const KeypairSwitch& change) { return change.peer == peer; });
}

/// After a grace period nothing more is sent here for the peer; what was sent is in the ring.
void close(Lcore& lcore, PeerIndex peer) {
    (void)receive_staged(lcore);
    forget_postponed(*lcore.rx, peer);
    drop_staged(lcore, lcore.plane.peers[peer]);
    (void)lcore.plane.events.push({Event::Kind::closed, peer, kNoKeypair});
}

void retry_postponed(Lcore& lcore) {
    std::vector<KeypairSwitch>& postponed = lcore.rx->postponed;
    std::size_t kept = 0;
    for (const KeypairSwitch& change : postponed) {
        if (!switch_keypair(lcore, change)) postponed[kept++] = change;
    }
    postponed.resize(kept);
}

void serve(Lcore& lcore, const Request& request) {
    RxStage& rx = *lcore.rx;
    switch (request.kind) {
        case Request::Kind::set_keypair: {
            forget_postponed(rx, request.peer);
            const KeypairSwitch change{request.peer, request.keypair};
            if (!switch_keypair(lcore, change)) rx.postponed.push_back(change);
            break;
        }
        case Request::Kind::keepalive:
            send_keepalive(lcore, request.peer);
            break;
        case Request::Kind::close:
            close(lcore, request.peer);
            break;
        case Request::Kind::drop_staged:
            drop_staged(lcore, lcore.plane.peers[request.peer]);
            break;
        case Request::Kind::message:
            send_message(lcore, request);
            break;
    }
    rx.requests_done.add();
}

std::size_t serve_requests(Lcore& lcore) {
    std::array<Request, kBurst> requests;
    const std::size_t n = lcore.rx->requests.pop_some(requests);
    for (std::size_t i = 0; i < n; ++i)
        serve(lcore, requests[i]);
    return n;
}

}  // namespace

std::size_t poll_home(Lcore& lcore) {
    const std::size_t staged = receive_staged(lcore);
    retry_postponed(lcore);
    return staged + serve_requests(lcore);
}

void send_to_staging(Lcore& lcore, Bundle* bundle) {
    Dataplane& plane = lcore.plane;
    Lcore& home = plane.rx_lcore(plane.peers[bundle->peer].home);
    for (std::size_t i = 0; i < bundle->count; ++i) {
        rte_mbuf* packet = bundle->packets[i];
        meta(packet).peer = bundle->peer;
        if (&home == &lcore) {
            stage(lcore, packet);
        } else {
            pass_on(lcore, home, packet);
        }
    }
}

}  // namespace ringway::dataplane
