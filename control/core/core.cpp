#include "control/core/core.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <memory>

#include "dataplane/decapsulate.h"
#include "dataplane/packet.h"

namespace ringway::control {

using dataplane::DropReason;
using dataplane::Event;
using dataplane::IpPrefix;
using protocol::Nanoseconds;

namespace {

constexpr std::size_t kEventBatch = 256;
/// Handshakes of one turn: few enough that timers are not late, a millisecond or some.
constexpr std::size_t kHandshakeBatch = protocol::Engine::kBatch;
/// Peers whose timers one turn serves: each may begin a handshake.
constexpr std::size_t kTimerBatch = 32;

/// Every verdict that refuses a message is a drop reason of the same name.
DropReason drop_reason(protocol::Verdict verdict) {
    constexpr auto kFirst = static_cast<std::size_t>(protocol::Verdict::bad_length);
    constexpr auto kFirstReason = static_cast<std::size_t>(DropReason::handshake_bad_length);
    static_assert(dataplane::kDropReasons - kFirstReason == protocol::kVerdicts - kFirst);
    return static_cast<DropReason>(kFirstReason + static_cast<std::size_t>(verdict) - kFirst);
}

protocol::EngineLimits limits_of(const dataplane::Dataplane& plane) {
    return {.max_peers = plane.options.max_peers, .max_tunnels = plane.options.max_tunnels};
}

}  // namespace

Core::Core(dataplane::Dataplane& plane, crypto::Random& random, protocol::WallClock wall_clock)
    : plane_(plane),
      packet_plane_(plane, random, counters_),
      engine_(limits_of(plane), packet_plane_, random, wall_clock),
      places_(plane.options.max_peers),
      by_key_(plane.options.max_tunnels),
      wall_clock_(std::move(wall_clock)),
      inbox_(plane.options.max_peers, (std::uint64_t{random.next_u32()} << 32) | random.next_u32()) {
    for (std::size_t i = places_.size(); i-- > 0;)
        free_.push_back(static_cast<PeerIndex>(i));
    removing_.reserve(places_.size());
}

void Core::add_tunnel(TunnelIndex index, TunnelSpec spec) {
    auto tunnel = std::make_unique<dataplane::Tunnel>(plane_.reclaimer);
    tunnel->inner_domain = spec.inner_domain;
    tunnel->outer_domain = spec.outer_domain;
    tunnel->host = spec.host;
    tunnel->listen_port.store(spec.listen_port, std::memory_order_relaxed);
    tunnel->mtu = spec.mtu;
    plane_.tunnels[index] = std::move(tunnel);
    set_forwarding(index, spec.through_host, spec.peer_to_peer, spec.dont_fragment);
    engine_.add_tunnel(index, std::move(spec.private_key));
    // Published last: from here on lcores find the tunnel.
    plane_.domains[spec.outer_domain]->set_listener(spec.listen_port, index);
}

void Core::set_forwarding(TunnelIndex index, bool through_host, bool peer_to_peer, bool dont_fragment) {
    dataplane::Tunnel& tunnel = *plane_.tunnels[index];
    tunnel.through_host.store(through_host, std::memory_order_relaxed);
    tunnel.peer_to_peer.store(peer_to_peer, std::memory_order_relaxed);
    tunnel.dont_fragment.store(dont_fragment, std::memory_order_relaxed);
    forget_flows();  // cached outer paths hold the DF bit
}

void Core::set_observer(protocol::Observer& observer) {
    engine_.set_observer(observer);
    packet_plane_.set_observer(observer);
}

void Core::set_private_key(TunnelIndex tunnel, crypto::PrivateKey key) {
    engine_.set_private_key(tunnel, std::move(key));
}

void Core::set_listen_port(TunnelIndex index, std::uint16_t port) {
    dataplane::Tunnel& tunnel = *plane_.tunnels[index];
    dataplane::RoutingDomain& domain = *plane_.domains[tunnel.outer_domain];
    domain.set_listener(tunnel.listen_port.load(std::memory_order_relaxed), dataplane::kNoTunnel);
    tunnel.listen_port.store(port, std::memory_order_relaxed);
    domain.set_listener(port, index);
    forget_flows();
}

std::optional<PeerIndex> Core::add_peer(TunnelIndex tunnel, PeerSpec spec) {
    std::vector<PeerSpec> one;
    one.push_back(std::move(spec));
    return add_peers(tunnel, std::move(one)).front();
}

std::vector<std::optional<PeerIndex>> Core::add_peers(TunnelIndex tunnel, std::vector<PeerSpec> specs) {
    std::vector<protocol::NewPeer> wanted;
    for (std::size_t i = 0; i < specs.size() && !free_.empty(); ++i)
        wanted.push_back(take_place(tunnel, specs[i]));
    engine_.add_peers(tunnel, wanted, plane_.clock.now());

    std::vector<std::optional<PeerIndex>> added(specs.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const protocol::NewPeer& peer = wanted[i];
        if (!peer.added) {
            packet_plane_.configure_endpoint(peer.peer, {});  // the place's next holder must not find it
            free_.push_back(peer.peer);
            continue;
        }
        added[i] = peer.peer;
        by_key_[tunnel].emplace(peer.public_key, peer.peer);
        places_[peer.peer].record = PeerRecord{.tunnel = tunnel,
                                               .public_key = peer.public_key,
                                               .persistent_keepalive = peer.persistent_keepalive_seconds,
                                               .allowed_ips = {},
                                               .removing = false};
    }
    return added;
}

/// A free place, made ready for the peer.
protocol::NewPeer Core::take_place(TunnelIndex tunnel, PeerSpec& spec) {
    const PeerIndex index = free_.back();
    free_.pop_back();
    dataplane::Peer& peer = plane_.peers[index];
    peer.tunnel = tunnel;
    peer.home = static_cast<std::uint16_t>(index % plane_.rx_lcores());
    peer.tx = static_cast<std::uint16_t>(index % plane_.tx_lcores());
    packet_plane_.configure_endpoint(index, spec.endpoint.value_or(dataplane::Endpoint{}));
    return {index, spec.public_key, std::move(spec.preshared_key), spec.persistent_keepalive};
}

void Core::remove_peer(PeerIndex index) {
    Place& place = places_[index];
    // 1. unpublish: nobody finds the peer or its sessions any more
    {
        dataplane::PrefixTable& table = plane_.tunnels[place.record->tunnel]->allowed_ips;
        const dataplane::PrefixTable::Batch batch(table);
        for (const IpPrefix& prefix : place.record->allowed_ips)
            (void)table.remove(prefix);
    }
    forget_flows();
    engine_.remove_peer(index);
    by_key_[place.record->tunnel].erase(place.record->public_key);
    inbox_.clear(index);
    place.record->allowed_ips.clear();
    place.record->removing = true;
    place.removal = Removal::grace;
    place.token = plane_.rcu.start();
    removing_.push_back(index);
}

bool Core::is_quiet(PeerIndex index) const {
    const dataplane::Peer& peer = plane_.peers[index];
    return peer.outbound.empty() && peer.inbound.empty() && !peer.outbound.ready().is_raised() &&
           !peer.inbound.ready().is_raised() && !packet_plane_.has_retiring(index) &&
           peer.messages_waiting.load(std::memory_order_acquire) == 0;
}

bool Core::advance_removal(PeerIndex index) {
    Place& place = places_[index];
    dataplane::Peer& peer = plane_.peers[index];
    switch (place.removal) {
        case Removal::none:
            return true;
        // 2. a grace period, after which no lcore begins anything new for it
        case Removal::grace:
            if (!plane_.rcu.passed(place.token)) return false;
            packet_plane_.post({dataplane::Request::Kind::close, index, dataplane::kNoKeypair});
            place.removal = Removal::closing;
            return false;
        // 3. staging emptied by its home, which answers with Event::closed
        case Removal::closing:
            return false;
        // 3. and 4. queues drained, no keypair holds it
        case Removal::draining:
            if (!is_quiet(index)) return false;
            place.token = plane_.rcu.start();
            place.removal = Removal::settling;
            return false;
        // The lcore that did the last of the work may have raised a flag since, and queued the peer once
        // more. From here on nobody does.
        case Removal::settling:
            if (!plane_.rcu.passed(place.token)) return false;
            if (!is_quiet(index)) {
                place.removal = Removal::draining;
                return false;
            }
            // A tx lcore that has just lowered a flag is looking at the peer for the last time.
            place.token = plane_.rcu.start();
            place.removal = Removal::leaving;
            return false;
        // 5. the place is free; what events there were about it have been taken in an earlier turn
        case Removal::leaving:
            if (!plane_.rcu.passed(place.token)) return false;
            std::destroy_at(&peer);
            std::construct_at(&peer);
            place = Place{};
            free_.push_back(index);
            return true;
    }
    return true;
}

void Core::advance_removals() {
    std::erase_if(removing_, [this](PeerIndex peer) { return advance_removal(peer); });
}

void Core::set_preshared_key(PeerIndex peer, crypto::PresharedKey key) {
    engine_.set_preshared_key(peer, std::move(key));
}

void Core::set_persistent_keepalive(PeerIndex peer, std::uint16_t seconds) {
    places_[peer].record->persistent_keepalive = seconds;
    engine_.set_persistent_keepalive(peer, seconds, plane_.clock.now());
}

void Core::set_endpoint(PeerIndex peer, const dataplane::Endpoint& endpoint) {
    packet_plane_.configure_endpoint(peer, endpoint);
}

std::optional<PeerIndex> Core::add_allowed_ip(PeerIndex peer, const IpPrefix& prefix) {
    PeerRecord& record = *places_[peer].record;
    const std::uint32_t old = plane_.tunnels[record.tunnel]->allowed_ips.insert(prefix, peer);
    record.allowed_ips.insert(prefix);
    forget_flows();
    if (old == dataplane::kNoValue || old == peer) return std::nullopt;
    places_[old].record->allowed_ips.erase(prefix);
    return old;
}

bool Core::remove_allowed_ip(PeerIndex peer, const IpPrefix& prefix) {
    PeerRecord& record = *places_[peer].record;
    if (record.allowed_ips.erase(prefix) == 0) return false;
    (void)plane_.tunnels[record.tunnel]->allowed_ips.remove(prefix);
    forget_flows();
    return true;
}

std::optional<PeerIndex> Core::find_peer(TunnelIndex tunnel, const crypto::PublicKey& key) const {
    return engine_.find_peer(tunnel, key);
}

const PeerRecord* Core::peer(PeerIndex peer) const {
    const Place& place = places_[peer];
    return place.record && !place.record->removing ? &*place.record : nullptr;
}

std::vector<PeerIndex> Core::peers_of(TunnelIndex tunnel) const {
    return peers_after(tunnel, std::nullopt, places_.size());
}

std::vector<PeerIndex> Core::peers_after(TunnelIndex tunnel, const std::optional<crypto::PublicKey>& after,
                                         std::size_t limit) const {
    const auto& peers = by_key_[tunnel];
    std::vector<PeerIndex> page;
    for (auto at = after ? peers.upper_bound(*after) : peers.begin();
         at != peers.end() && page.size() < limit; ++at)
        page.push_back(at->second);
    return page;
}

bool Core::turn() {
    std::size_t work = take_events();
    work += take_handshakes();
    work += take_messages();
    const Nanoseconds now = plane_.clock.now();
    engine_.poll(now, kTimerBatch);
    packet_plane_.reap();
    advance_removals();
    plane_.reclaimer.poll();
    const std::optional<Nanoseconds> next = engine_.next_deadline();
    return work != 0 || (next && *next <= now);
}

/// Those that are there now, for keypairs and peers are used again when events about them are gone; but
/// no more, for lcores can tell more as fast as this listens.
std::size_t Core::take_events() {
    std::array<Event, kEventBatch> events;
    const std::size_t waiting = plane_.events.size();
    std::size_t taken = 0;
    while (taken < waiting) {
        const std::size_t n =
            plane_.events.pop_some({events.data(), std::min(events.size(), waiting - taken)});
        if (n == 0) break;
        // Not before the lcores' own time: what has come of age for them has come of age here.
        const Nanoseconds now = plane_.clock.now();
        for (std::size_t i = 0; i < n; ++i)
            take_event(events[i], now);
        taken += n;
    }
    return taken;
}

void Core::take_event(const Event& event, Nanoseconds now) {
    switch (event.kind) {
        case Event::Kind::session_wanted:
            plane_.peers[event.peer].session_wanted.lower();
            engine_.on_session_wanted(event.peer, now);
            break;
        case Event::Kind::activity:
            engine_.on_activity(event.peer, now);
            break;
        case Event::Kind::confirmed:
            engine_.on_confirmed(event.peer, event.keypair, now);
            break;
        case Event::Kind::receive_aging:
            engine_.on_receive_aging(event.peer, now);
            break;
        case Event::Kind::roamed:
            plane_.peers[event.peer].roaming_told.lower();
            packet_plane_.note_endpoint(event.peer, plane_.peers[event.peer].endpoint.read());
            break;
        case Event::Kind::closed:
            places_[event.peer].removal = Removal::draining;
            break;
    }
}

/// A quiet queue is asked nothing of: this runs in every turn.
void Core::note_load(Nanoseconds now) {
    if (plane_.handshakes.empty()) return;
    for (std::size_t i = 0; i < plane_.tunnels.size(); ++i) {
        const auto tunnel = static_cast<TunnelIndex>(i);
        engine_.note_queue_depth(tunnel, plane_.handshakes.depth(tunnel), now);
    }
}

std::size_t Core::take_handshakes() {
    const Nanoseconds now = plane_.clock.now();
    std::array<rte_mbuf*, kHandshakeBatch> packets;
    note_load(now);
    const std::size_t n = plane_.handshakes.pop_some(packets);
    std::array<protocol::HandshakeArrival, kHandshakeBatch> arrivals;
    std::array<protocol::Verdict, kHandshakeBatch> verdicts;
    for (std::size_t i = 0; i < n; ++i) {
        const dataplane::PacketMeta& m = dataplane::meta(packets[i]);
        arrivals[i] = {.tunnel = m.tunnel,
                       .bytes = {dataplane::data(packets[i]) + m.message, m.message_bytes},
                       .from = dataplane::endpoint_of(packets[i])};
    }
    engine_.on_handshake_messages({arrivals.data(), n}, {verdicts.data(), n}, now);
    for (std::size_t i = 0; i < n; ++i) {
        if (protocol::is_accepted(verdicts[i])) {
            counters_.consumed.add();
        } else {
            counters_.drop(drop_reason(verdicts[i]));
        }
        rte_pktmbuf_free(packets[i]);
    }
    return n;
}

}  // namespace ringway::control
