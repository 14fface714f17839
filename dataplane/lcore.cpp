#include "dataplane/lcore.h"

#include <rte_cycles.h>
#include <rte_mempool.h>
#include <rte_pause.h>

#include <algorithm>
#include <ctime>

#include "dataplane/crypto_stage.h"
#include "dataplane/dataplane.h"
#include "dataplane/rx.h"
#include "dataplane/tx.h"

namespace ringway::dataplane {
namespace {

/// Idle polls before an adaptive lcore begins to sleep, and the bounds of its naps.
constexpr unsigned kIdlePolls = 256;
constexpr long kShortestNap = 5'000;
constexpr long kLongestNap = 100'000;

/// The lcore holds no reference while it sleeps. Nobody wakes it: what comes meanwhile waits for the end of
/// the nap.
void nap(Lcore& lcore, long nanoseconds) {
    lcore.plane.rcu.offline(lcore.number);
    timespec t{.tv_sec = 0, .tv_nsec = nanoseconds};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &t, nullptr);
    lcore.plane.rcu.online(lcore.number);
}

/// An eighth of the pool is kept for receive queues and handshakes. Counting the free packets adds up
/// every lcore's cache, so it is not done every time.
void look_at_memory(Lcore& lcore) {
    constexpr std::uint64_t kEvery = 8;
    if (lcore.counters.polls.get() % kEvery != 0) return;
    lcore.memory_short = rte_mempool_avail_count(lcore.plane.packets()) < lcore.plane.options.packets / 8;
}

void note_time(Lcore& lcore, std::size_t stage, std::uint64_t cycles) {
    lcore.counters.stage_cycles[stage].add(cycles);
    lcore.times.stages[stage].add(lcore.cycles.nanoseconds(cycles));
}

/// A quarter of all bundles may lie idle with the lcores.
std::size_t idle_bundles(const DataplaneOptions& options) {
    return options.bundles / (4 * options.lcores.size());
}

/// Two for every peer, and not more than a second-level cache and a part of the third hold.
std::size_t remembered_flows(const DataplaneOptions& options) {
    return std::clamp<std::size_t>(2 * options.max_peers, 1024, 65536);
}

/// Peers that one lcore of a role has, at most: they are dealt out one after the other.
std::size_t peers_of_one(const DataplaneOptions& options, bool LcoreRoles::*role) {
    const auto lcores = static_cast<std::size_t>(std::count_if(
        options.lcores.begin(), options.lcores.end(), [&](const LcoreRoles& roles) { return roles.*role; }));
    return (options.max_peers + lcores - 1) / lcores;
}

}  // namespace

RxStage::RxStage(std::size_t peers, std::size_t ring_size)
    : requests(4 * peers + 64 + kMaxMessages, RingUsers::many, RingUsers::one),
      from_host(ring_size, RingUsers::many, RingUsers::one),
      to_staging(4 * ring_size, RingUsers::many, RingUsers::one) {
    postponed.reserve(peers);
}

TxStage::TxStage(std::size_t peers, std::size_t max_tunnels, std::size_t ring_size, Sharing sharing)
    : ready(2 * peers, users_of(sharing), RingUsers::one),
      submitted(ring_size, RingUsers::many, RingUsers::one),
      traffic(max_tunnels) {}

Lcore::Lcore(Dataplane& dataplane, unsigned number, LcoreRoles roles)
    : plane(dataplane),
      number(number),
      cycles(rte_get_tsc_hz()),
      bundles(dataplane.bundles, idle_bundles(dataplane.options)),
      flows(remembered_flows(dataplane.options)) {
    const DataplaneOptions& options = dataplane.options;
    if (roles.rx) rx = std::make_unique<RxStage>(peers_of_one(options, &LcoreRoles::rx), options.host_queue);
    if (roles.crypto) crypto = std::make_unique<CryptoStage>(options.aead);
    if (roles.tx)
        tx = std::make_unique<TxStage>(peers_of_one(options, &LcoreRoles::tx), options.max_tunnels,
                                       2 * options.host_queue, dataplane.sharing);
}

void Lcore::drop(rte_mbuf* packet, DropReason reason) {
    counters.drop(reason);
    rte_pktmbuf_free(packet);
}

void Lcore::drop(rte_mbuf* packet, DropReason reason, Peer& peer) {
    peer.drops.add(reason, now);
    drop(packet, reason);
}

void Lcore::drop(Bundle* bundle, DropReason reason) {
    plane.peers[bundle->peer].drops.add(reason, now, bundle->count);
    counters.drop(reason, bundle->count);
    rte_pktmbuf_free_bulk(bundle->packets.data(), bundle->count);
    bundles.give(bundle);
}

void Lcore::give_to_host(rte_mbuf* packet, std::uint16_t host) {
    if (!plane.hosts[host]->packets.push(packet)) drop(packet, DropReason::host_queue_full);
}

void Lcore::give_to_host(rte_mbuf* packet, std::uint16_t host, HostClass of) {
    if (!plane.hosts[host]->buckets.allow(of, now)) return drop(packet, limited(of));
    give_to_host(packet, host);
}

bool poll(Lcore& lcore) {
    lcore.now = lcore.plane.clock.now();
    lcore.epoch =
        FlowCache::epoch_of(lcore.plane.routing_generation.load(std::memory_order_acquire), lcore.now);
    look_at_memory(lcore);
    bool busy = false;
    lcore.stage_began = rte_rdtsc();
    const auto run_stage = [&](Stage stage, bool (*poll_stage)(Lcore&)) {
        const bool found_work = poll_stage(lcore);
        const std::uint64_t now = rte_rdtsc();
        if (found_work) note_time(lcore, static_cast<std::size_t>(stage), now - lcore.stage_began);
        lcore.stage_began = now;
        busy |= found_work;
    };
    if (lcore.rx) run_stage(Stage::rx, poll_rx);
    if (lcore.crypto) run_stage(Stage::crypto, poll_crypto);
    if (lcore.tx) run_stage(Stage::tx, poll_tx);
    lcore.counters.polls.add();
    if (busy) lcore.counters.busy_polls.add();
    lcore.plane.rcu.quiescent(lcore.number);
    return busy;
}

void run(Lcore& lcore, const std::atomic<bool>& stop, bool adaptive) {
    lcore.plane.rcu.register_reader(lcore.number);
    lcore.plane.rcu.online(lcore.number);
    unsigned idle = 0;
    while (!stop.load(std::memory_order_relaxed)) {
        if (poll(lcore)) {
            idle = 0;
        } else if (!adaptive || ++idle < kIdlePolls) {
            rte_pause();
        } else {
            const long naps = idle - kIdlePolls;
            nap(lcore, std::min(kLongestNap, kShortestNap * (1 + naps / 4)));
        }
    }
    lcore.plane.rcu.offline(lcore.number);
    lcore.plane.rcu.unregister_reader(lcore.number);
}

}  // namespace ringway::dataplane
