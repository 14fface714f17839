#include "control/view/viewer.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "control/protocol/durations.h"
#include "control/unix_time.h"
#include "control/view/why.h"

namespace ringway::control {

using dataplane::Nanoseconds;

namespace {

double seconds(Nanoseconds nanoseconds) {
    return static_cast<double>(nanoseconds) * 1e-9;
}

bool is_usable(const std::optional<protocol::SessionStatus>& session, Nanoseconds now) {
    return session && now - session->born < protocol::ns(crypto::kRejectAfterTime);
}

PeerState state_of(const protocol::PeerStatus& status, Nanoseconds now) {
    if (is_usable(status.current, now)) return PeerState::up;
    // Ours, or its own that we have answered.
    const bool is_made = status.handshake_under_way || is_usable(status.next, now);
    return is_made ? PeerState::handshaking : PeerState::idle;
}

}  // namespace

std::string_view name(PeerState state) {
    switch (state) {
        case PeerState::up:
            return "up";
        case PeerState::handshaking:
            return "handshaking";
        case PeerState::idle:
            return "idle";
    }
    return "";
}

Viewer::Viewer(const Sources& sources)
    : from_(sources),
      started_(sources.core.dataplane().clock.now()),
      started_unix_nanoseconds_(unix_nanoseconds()) {}

dataplane::Totals Viewer::totals() const {
    dataplane::Totals totals;
    for (const auto& lcore : from_.core.dataplane().lcores)
        totals.add(lcore->counters);
    totals.add(from_.core.counters());
    totals.add(from_.host_io.counters());
    return totals;
}

StatusView Viewer::status() const {
    dataplane::Dataplane& plane = from_.core.dataplane();
    StatusView view;
    view.uptime_seconds = seconds(plane.clock.now() - started_);
    view.started_unix_nanoseconds = started_unix_nanoseconds_;
    view.draining = plane.draining.load(std::memory_order_relaxed);
    view.ports = plane.ports.size();
    view.lcores = plane.lcores.size();
    view.lcores_standing_still = from_.watch.standing_still();
    view.tunnels = from_.tunnels.all().size();
    for (const auto& tunnel : from_.tunnels.all())
        view.peers += from_.core.peer_count(tunnel->index);
    view.max_peers = plane.options.max_peers;
    view.packets = totals();
    view.in_flight = plane.in_flight();
    view.packet_buffers = plane.options.packets;
    view.packet_buffers_free = rte_mempool_avail_count(plane.packets());
    view.bundles = plane.bundles.capacity();
    view.bundles_in_use = plane.bundles_in_use();
    view.configuration = configuration();
    for (const auto& lcore : plane.lcores) {
        for (std::size_t i = 0; i < view.bundle_times.size(); ++i)
            view.bundle_times[i].add(lcore->times.bundles[i].read());
        if (lcore->crypto) view.aead = lcore->crypto->aead.architecture();
    }
    const protocol::Statistics& statistics = from_.core.engine().statistics();
    view.handshake_times = {statistics.initiated.read(), statistics.responded.read()};
    view.dpdk_version = rte_version();
    return view;
}

ConfigurationView Viewer::configuration() const {
    const FileStatus file = from_.file.status();
    return {.changes = from_.changes.generation(),
            .unsaved_changes = file.unsaved_changes,
            .reloads = file.reloads,
            .failed_reloads = file.failed_reloads,
            .last_reload_unix_nanoseconds = file.last_reload_unix_nanoseconds,
            .last_reload_failed = file.last_reload_failed,
            .commit_remaining_seconds = from_.window.remaining_seconds(from_.core.dataplane().clock.now())};
}

std::vector<PortView> Viewer::ports() const {
    std::vector<PortView> views;
    const dataplane::Dataplane& plane = from_.core.dataplane();
    for (std::size_t i = 0; i < plane.ports.size(); ++i) {
        const dataplane::Port& port = *plane.ports[i];
        const PortNames& names = from_.ports[i];
        rte_eth_link link{};
        rte_eth_stats stats{};
        (void)rte_eth_link_get_nowait(port.ethdev(), &link);
        (void)rte_eth_stats_get(port.ethdev(), &stats);
        views.push_back({.name = names.name,
                         .device = port.device(),
                         .host_interface = names.host_interface,
                         .netns = names.netns,
                         .mac = port.mac(),
                         .mtu = port.mtu(),
                         .rx_queues = port.rx_queues(),
                         .link_up = link.link_status == RTE_ETH_LINK_UP,
                         .speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed,
                         .rx_packets = stats.ipackets,
                         .rx_bytes = stats.ibytes,
                         .rx_missed_packets = stats.imissed,
                         .rx_errors = stats.ierrors,
                         .rx_no_buffer_packets = stats.rx_nombuf,
                         .tx_packets = stats.opackets,
                         .tx_bytes = stats.obytes,
                         .tx_errors = stats.oerrors});
    }
    return views;
}

std::vector<LcoreView> Viewer::lcores() const {
    std::vector<LcoreView> views;
    const auto& lcores = from_.core.dataplane().lcores;
    for (std::size_t i = 0; i < lcores.size(); ++i) {
        const dataplane::Counters& counters = lcores[i]->counters;
        LcoreView view;
        view.lcore = i;
        view.cpu = from_.layout.polling[i].cpu;
        view.roles = from_.layout.polling[i].roles;
        view.stands_still = from_.watch.stands_still(i);
        view.polls = counters.polls.get();
        view.busy_polls = counters.busy_polls.get();
        for (std::size_t stage = 0; stage < dataplane::kStages; ++stage)
            view.stage_cycles[stage] = counters.stage_cycles[stage].get();
        view.stage_packets = {counters.in.get(), counters.aead_packets.get(), counters.out.get()};
        for (std::size_t stage = 0; stage < dataplane::kStages; ++stage)
            view.stage_times[stage] = lcores[i]->times.stages[stage].read();
        for (std::size_t direction = 0; direction < view.bundle_times.size(); ++direction)
            view.bundle_times[direction] = lcores[i]->times.bundles[direction].read();
        view.cycles_per_second = rte_get_tsc_hz();
        view.bundles = counters.bundles.get();
        view.aead_calls = counters.aead_calls.get();
        dataplane::Totals totals;
        totals.add(counters);
        view.dropped_packets = totals.dropped();
        views.push_back(view);
    }
    return views;
}

std::vector<RingView> Viewer::rings() const {
    std::vector<RingView> views;
    const dataplane::Dataplane& plane = from_.core.dataplane();
    const auto add = [&](std::string name, std::optional<std::size_t> lcore, const auto& ring) {
        views.push_back({std::move(name), lcore, ring.size(), ring.capacity()});
    };
    add("crypto", std::nullopt, plane.crypto);
    add("events", std::nullopt, plane.events);
    add("handshakes", std::nullopt, plane.handshakes);
    add("unresolved", std::nullopt, plane.unresolved);
    for (std::size_t i = 0; i < plane.lcores.size(); ++i) {
        const dataplane::Lcore& lcore = *plane.lcores[i];
        if (lcore.rx) {
            add("requests", i, lcore.rx->requests);
            add("from_host", i, lcore.rx->from_host);
            add("to_staging", i, lcore.rx->to_staging);
        }
        if (lcore.tx) {
            add("ready", i, lcore.tx->ready);
            add("submitted", i, lcore.tx->submitted);
        }
    }
    for (std::size_t i = 0; i < plane.hosts.size(); ++i) {
        if (!plane.hosts[i]) continue;
        const bool is_port = i < from_.ports.size();
        add("to_host " + (is_port ? from_.ports[i].host_interface
                          : i - from_.ports.size() < from_.tunnels.all().size()
                              ? from_.tunnels.all()[i - from_.ports.size()]->name
                              : std::to_string(i)),
            std::nullopt, plane.hosts[i]->packets);
    }
    return views;
}

TunnelView Viewer::view_of(const RunningTunnel& tunnel, std::size_t peers_up) const {
    const dataplane::Tunnel& path = *from_.core.dataplane().tunnels[tunnel.index];
    TunnelView view;
    view.name = tunnel.name;
    if (const crypto::LocalIdentity* identity = from_.core.engine().identity(tunnel.index)) {
        view.public_key = identity->public_key;
    }
    view.listen_port = tunnel.listen_port;
    view.mtu = tunnel.mtu;
    view.fwmark = tunnel.fwmark;
    view.through_host = path.through_host.load(std::memory_order_relaxed);
    view.peer_to_peer = path.peer_to_peer.load(std::memory_order_relaxed);
    view.dont_fragment = path.dont_fragment.load(std::memory_order_relaxed);
    view.netns = tunnel.host.netns;
    view.outer_netns = tunnel.outer_netns;
    view.peers = from_.core.peer_count(tunnel.index);
    view.peers_up = peers_up;
    for (const auto& lcore : from_.core.dataplane().lcores) {
        if (!lcore->tx) continue;
        const dataplane::TunnelTraffic& traffic = lcore->tx->traffic[tunnel.index];
        view.rx_packets += traffic.rx_packets.get();
        view.rx_bytes += traffic.rx_bytes.get();
        view.tx_packets += traffic.tx_packets.get();
        view.tx_bytes += traffic.tx_bytes.get();
    }
    view.handshakes = from_.core.engine().statistics().tunnels[tunnel.index];
    return view;
}

std::vector<std::size_t> Viewer::peers_up() const {
    return from_.core.engine().peers_up(from_.core.dataplane().clock.now());
}

std::vector<TunnelView> Viewer::tunnels() const {
    std::vector<TunnelView> views;
    const std::vector<std::size_t> up = peers_up();
    for (const auto& tunnel : from_.tunnels.all())
        views.push_back(view_of(*tunnel, up[tunnel->index]));
    return views;
}

std::optional<TunnelView> Viewer::tunnel(std::string_view name) const {
    const RunningTunnel* tunnel = from_.tunnels.find(name);
    if (tunnel == nullptr) return std::nullopt;
    return view_of(*tunnel, peers_up()[tunnel->index]);
}

PeerState Viewer::state_of(PeerIndex index) const {
    return control::state_of(*from_.core.engine().status(index), from_.core.dataplane().clock.now());
}

PeerView Viewer::peer(PeerIndex index) const {
    const PeerRecord& record = *from_.core.peer(index);
    const dataplane::Dataplane& plane = from_.core.dataplane();
    const dataplane::Peer& path = plane.peers[index];
    const Nanoseconds now = plane.clock.now();
    const auto since = [now](Nanoseconds then) { return seconds(now > then ? now - then : 0); };

    PeerView view;
    view.now = now;
    view.now_unix_nanoseconds = unix_nanoseconds();
    view.tunnel = from_.tunnels.all()[record.tunnel]->name;
    view.name = from_.tunnels.given_name_of(index);
    view.public_key = record.public_key;
    view.has_preshared_key = !from_.core.engine().preshared_key(index).is_zero();
    if (const dataplane::Endpoint endpoint = path.endpoint.read(); endpoint.is_set()) {
        view.endpoint = endpoint;
        if (endpoint.port != dataplane::kNoPort) view.port = from_.ports[endpoint.port].name;
    }
    const auto& configured = from_.tunnels.all()[record.tunnel]->configured.of(index).endpoint;
    if (configured) view.configured_endpoint = configured->to_string();
    view.allowed_ips.assign(record.allowed_ips.begin(), record.allowed_ips.end());
    view.persistent_keepalive_seconds = record.persistent_keepalive;
    view.protocol = *from_.core.engine().status(index);
    if (view.protocol.current) view.session_age_seconds = since(view.protocol.current->born);
    view.state = control::state_of(view.protocol, now);
    view.name_error = from_.names.error_of(index);
    view.rx_packets = path.rx_packets.get();
    view.rx_bytes = path.rx_bytes.get();
    view.tx_packets = path.tx_packets.get();
    view.tx_bytes = path.tx_bytes.get();
    view.dropped_packets = path.drops.count();
    view.last_drop = path.drops.last_reason();
    if (view.last_drop) view.last_drop_seconds_ago = since(path.drops.last_at());
    explain(view, record.tunnel);
    return view;
}

/// Why there is no session, and what tells it.
void Viewer::explain(PeerView& view, TunnelIndex tunnel) const {
    if (view.endpoint) view.path = path_to(view.endpoint->remote, tunnel);
    if (view.state == PeerState::up) return;
    const protocol::Strangers& strangers = from_.core.engine().strangers();
    if (view.endpoint) {
        view.stranger = strangers.at(tunnel, *view.endpoint);
        view.stranger_at_endpoint = view.stranger.has_value();
    } else {
        view.stranger = strangers.last_unknown(tunnel);
    }
    view.reason = reason_of(view);
    view.why = sentence(view.reason, view);
}

PathView Viewer::path_to(const dataplane::IpAddress& remote, TunnelIndex tunnel) const {
    using Kind = dataplane::NextHop::Kind;
    const dataplane::Dataplane& plane = from_.core.dataplane();
    const dataplane::NextHop* hop = plane.domains[from_.tunnels.all()[tunnel]->outer_domain]->lookup(remote);
    if (hop == nullptr) return {};
    switch (hop->kind) {
        case Kind::local:
            return {.kind = PathView::Kind::local};
        case Kind::blackhole:
            return {.kind = PathView::Kind::blackhole};
        case Kind::host:
            return {.kind = PathView::Kind::host};
        case Kind::tunnel:
            return {.kind = PathView::Kind::tunnel, .to = from_.tunnels.all()[hop->tunnel]->name};
        case Kind::port:
            break;
    }
    const dataplane::IpAddress& next = hop->gateway.is_unspecified() ? remote : hop->gateway;
    return {.kind = PathView::Kind::port,
            .to = from_.ports[hop->port].name,
            .next_hop = next,
            .neighbour = plane.neighbours.peek(hop->port, next).state};
}

std::vector<PeerView> Viewer::peers() const {
    std::vector<PeerView> views;
    for (const auto& tunnel : from_.tunnels.all()) {
        for (const PeerIndex index : from_.core.peers_of(tunnel->index))
            views.push_back(peer(index));
    }
    return views;
}

DropsView Viewer::drops() const {
    DropsView view;
    const auto add = [&](std::string name, const dataplane::Counters& counters) {
        view.totals.add(counters);
        view.counters.push_back(std::move(name));
        auto& row = view.drops.emplace_back();
        for (std::size_t i = 0; i < dataplane::kDropReasons; ++i)
            row[i] = counters.drops[i].get();
    };
    const dataplane::Dataplane& plane = from_.core.dataplane();
    for (std::size_t i = 0; i < plane.lcores.size(); ++i)
        add("lcore " + std::to_string(i), plane.lcores[i]->counters);
    add("control", from_.core.counters());
    add("host_io", from_.host_io.counters());
    view.in_flight = plane.in_flight();
    return view;
}

}  // namespace ringway::control
