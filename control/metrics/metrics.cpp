#include "control/metrics/metrics.h"

#include <array>
#include <limits>

#include "control/metrics/exposition.h"
#include "control/protocol/verdict.h"
#include "control/version.h"
#include "control/view/json.h"

namespace ringway::control {
namespace {

using Type = Exposition::Type;

double seconds_of(std::uint64_t cycles, std::uint64_t per_second) {
    return per_second == 0 ? 0.0 : static_cast<double>(cycles) / static_cast<double>(per_second);
}

/// One family with a sample per item, its labels and value given by functions of the item.
template <typename Item, typename Labels, typename Value>
void each(Exposition& out, std::string_view name, Type type, std::string_view help,
          const std::vector<Item>& items, Labels&& label, Value Item::*value) {
    out.family(name, type, help);
    for (const Item& item : items) {
        if constexpr (std::is_floating_point_v<Value>) {
            label(item, [&](Exposition::Labels labels) { out.sample(labels, item.*value); });
        } else {
            label(item, [&](Exposition::Labels labels) {
                out.sample(labels, static_cast<std::uint64_t>(item.*value));
            });
        }
    }
}

void add_status(Exposition& out, const StatusView& status, std::int64_t unaccounted) {
    out.family("build_info", Type::gauge, "Always 1; what was built and what it runs on, as labels.");
    out.sample({{"version", kVersion},
                {"compiler", kCompiler},
                {"dpdk", status.dpdk_version},
                {"aead", status.aead}},
               std::uint64_t{1});
    out.family("start_time_seconds", Type::gauge, "When the gateway started, seconds since 1970.");
    out.sample({}, static_cast<double>(status.started_unix_nanoseconds) * 1e-9);
    out.family("peers", Type::gauge, "Configured peers of all tunnels.");
    out.sample({}, status.peers);
    out.family("peers_limit", Type::gauge, "system.max_peers.");
    out.sample({}, status.max_peers);
    out.family("packet_buffers", Type::gauge, "Packet buffers in the pool.");
    out.sample({}, status.packet_buffers);
    out.family("packet_buffers_free", Type::gauge, "Packet buffers that nothing holds.");
    out.sample({}, status.packet_buffers_free);
    out.family("bundles", Type::gauge, "Bundles there are.");
    out.sample({}, status.bundles);
    out.family("bundles_in_use", Type::gauge, "Bundles in flight.");
    out.sample({}, status.bundles_in_use);
    out.family("lcores_standing_still", Type::gauge, "Lcores that have not turned for two seconds.");
    out.sample({}, status.lcores_standing_still);

    const dataplane::Totals& t = status.packets;
    out.family("packets_total", Type::counter, "Packets by where they came from and what became of them.");
    out.sample({{"flow", "in"}}, t.in);
    out.sample({{"flow", "from_host"}}, t.from_host);
    out.sample({{"flow", "made_here"}}, t.made_here);
    out.sample({{"flow", "out"}}, t.out);
    out.sample({{"flow", "to_host"}}, t.to_host);
    out.sample({{"flow", "consumed"}}, t.consumed);
    out.sample({{"flow", "dropped"}}, t.dropped());
    out.family("packets_in_flight", Type::gauge, "Packets that entered and have not left.");
    out.sample({}, status.in_flight);
    out.family("handshake_duration_seconds", Type::histogram,
               "Until the session could send: as initiator from the first initiation, as responder from the "
               "peer's.");
    out.histogram({{"role", "initiator"}}, status.handshake_times[0]);
    out.histogram({{"role", "responder"}}, status.handshake_times[1]);
    out.family("packets_unaccounted", Type::gauge,
               "What the packets' sum leaves over; noise while traffic passes, zero at rest.");
    out.sample({}, static_cast<double>(unaccounted));
}

void add_configuration(Exposition& out, const ConfigurationView& view) {
    out.family("configuration_changes_total", Type::counter,
               "Changes made since the start, by whatever way.");
    out.sample({}, view.changes);
    out.family("configuration_reloads_total", Type::counter,
               "Times that the configuration file was read again.");
    out.sample({}, view.reloads);
    out.family("configuration_failed_reloads_total", Type::counter,
               "Of them, those that changed nothing for an error.");
    out.sample({}, view.failed_reloads);
    out.family("configuration_last_reload_successful", Type::gauge,
               "Whether the last reload succeeded; 1 before the first.");
    out.sample({}, std::uint64_t{!view.last_reload_failed});
    out.family("configuration_last_reload_seconds", Type::gauge,
               "Time of the last reload since 1970; 0: none.");
    out.sample({}, static_cast<double>(view.last_reload_unix_nanoseconds) * 1e-9);
    out.family("configuration_unsaved_changes", Type::gauge,
               "Whether what runs differs from what the file last said.");
    out.sample({}, std::uint64_t{view.unsaved_changes});
}

void add_ports(Exposition& out, const std::vector<PortView>& ports) {
    const auto label = [](const PortView& port, auto&& sample) { sample({{"port", port.name}}); };
    out.family("port_up", Type::gauge, "Whether the port's link is up.");
    for (const PortView& port : ports)
        out.sample({{"port", port.name}}, std::uint64_t{port.link_up});
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t PortView::*value) {
        each(out, name, Type::counter, help, ports, label, value);
    };
    counter("port_rx_packets_total", "Packets received.", &PortView::rx_packets);
    counter("port_rx_bytes_total", "Bytes received.", &PortView::rx_bytes);
    counter("port_rx_missed_packets_total", "Packets the device had no room for.",
            &PortView::rx_missed_packets);
    counter("port_rx_errors_total", "Packets received with errors.", &PortView::rx_errors);
    counter("port_rx_no_buffer_packets_total", "Packets for which no buffer was free.",
            &PortView::rx_no_buffer_packets);
    counter("port_tx_packets_total", "Packets sent.", &PortView::tx_packets);
    counter("port_tx_bytes_total", "Bytes sent.", &PortView::tx_bytes);
    counter("port_tx_errors_total", "Packets that could not be sent.", &PortView::tx_errors);
}

bool has_stage(const dataplane::LcoreRoles& roles, dataplane::Stage stage) {
    switch (stage) {
        case dataplane::Stage::rx:
            return roles.rx;
        case dataplane::Stage::crypto:
            return roles.crypto;
        case dataplane::Stage::tx:
            return roles.tx;
    }
    return false;
}

void add_times(Exposition& out, const std::vector<LcoreView>& lcores) {
    out.family("stage_turn_seconds", Type::histogram, "Time of one turn of a stage that found work.");
    for (const LcoreView& lcore : lcores) {
        for (std::size_t i = 0; i < dataplane::kStages; ++i) {
            if (!has_stage(lcore.roles, static_cast<dataplane::Stage>(i))) continue;
            out.histogram({{"lcore", std::to_string(lcore.lcore)}, {"stage", dataplane::kStageNames[i]}},
                          lcore.stage_times[i]);
        }
    }
    out.family("bundle_seconds", Type::histogram,
               "Time of a bundle of packets in the gateway, by the lcore that sent it on.");
    for (const LcoreView& lcore : lcores) {
        if (!lcore.roles.tx) continue;
        const std::string number = std::to_string(lcore.lcore);
        out.histogram({{"lcore", number}, {"direction", "outbound"}}, lcore.bundle_times[0]);
        out.histogram({{"lcore", number}, {"direction", "inbound"}}, lcore.bundle_times[1]);
    }
}

void add_lcores(Exposition& out, const std::vector<LcoreView>& lcores) {
    const auto label = [](const LcoreView& lcore, auto&& sample) {
        sample({{"lcore", std::to_string(lcore.lcore)}, {"cpu", std::to_string(lcore.cpu)}});
    };
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t LcoreView::*value) {
        each(out, name, Type::counter, help, lcores, label, value);
    };
    counter("lcore_polls_total", "Turns of the lcore.", &LcoreView::polls);
    counter("lcore_busy_polls_total", "Turns that found work.", &LcoreView::busy_polls);
    counter("lcore_bundles_total", "Bundles handed to the crypto ring.", &LcoreView::bundles);
    counter("lcore_aead_calls_total", "AEAD calls, each over a whole burst.", &LcoreView::aead_calls);
    counter("lcore_dropped_packets_total", "Packets dropped by the lcore.", &LcoreView::dropped_packets);

    const auto by_stage = [&](auto&& value) {
        for (const LcoreView& lcore : lcores) {
            const std::string number = std::to_string(lcore.lcore);
            for (std::size_t i = 0; i < dataplane::kStages; ++i)
                out.sample({{"lcore", number}, {"stage", dataplane::kStageNames[i]}}, value(lcore, i));
        }
    };
    out.family("stage_busy_seconds_total", Type::counter, "Time a stage spent in turns that found work.");
    by_stage(
        [](const LcoreView& l, std::size_t i) { return seconds_of(l.stage_cycles[i], l.cycles_per_second); });
    out.family("stage_packets_total", Type::counter, "Packets that a stage has handled.");
    by_stage([](const LcoreView& l, std::size_t i) { return l.stage_packets[i]; });
    add_times(out, lcores);
}

void add_rings(Exposition& out, const std::vector<RingView>& rings) {
    const auto by_ring = [&](std::size_t RingView::*value) {
        for (const RingView& ring : rings)
            out.sample({{"ring", ring.name}, {"lcore", ring.lcore ? std::to_string(*ring.lcore) : ""}},
                       ring.*value);
    };
    out.family("ring_depth", Type::gauge, "Entries in a queue between threads.");
    by_ring(&RingView::depth);
    out.family("ring_capacity", Type::gauge, "Entries that the queue has room for.");
    by_ring(&RingView::capacity);
}

void add_drops(Exposition& out, const DropsView& drops) {
    out.family("dropped_packets_total", Type::counter, "Dropped packets by reason and by who dropped them.");
    for (std::size_t row = 0; row < drops.counters.size(); ++row) {
        for (std::size_t reason = 0; reason < dataplane::kDropReasons; ++reason) {
            out.sample({{"reason", dataplane::kDropReasonNames[reason]}, {"by", drops.counters[row]}},
                       drops.drops[row][reason]);
        }
    }
}

void add_tunnels(Exposition& out, const std::vector<TunnelView>& tunnels) {
    out.family("tunnel_peers", Type::gauge, "Configured peers of a tunnel.");
    for (const TunnelView& tunnel : tunnels)
        out.sample({{"tunnel", tunnel.name}}, tunnel.peers);
    out.family("tunnel_peers_up", Type::gauge, "Peers of a tunnel that have a session to send on.");
    for (const TunnelView& tunnel : tunnels)
        out.sample({{"tunnel", tunnel.name}}, tunnel.peers_up);

    const auto label = [](const TunnelView& tunnel, auto&& sample) { sample({{"tunnel", tunnel.name}}); };
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t TunnelView::*value) {
        each(out, name, Type::counter, help, tunnels, label, value);
    };
    counter("tunnel_rx_packets_total", "Authentic packets received from the tunnel's peers.",
            &TunnelView::rx_packets);
    counter("tunnel_rx_bytes_total", "Bytes received from its peers, WireGuard headers included.",
            &TunnelView::rx_bytes);
    counter("tunnel_tx_packets_total", "Packets sent to its peers.", &TunnelView::tx_packets);
    counter("tunnel_tx_bytes_total", "Bytes sent to its peers, WireGuard headers included.",
            &TunnelView::tx_bytes);

    out.family("tunnel_initiations_sent_total", Type::counter,
               "Handshake initiations sent, repeated ones too.");
    for (const TunnelView& tunnel : tunnels)
        out.sample({{"tunnel", tunnel.name}}, tunnel.handshakes.initiations_sent);
    out.family("tunnel_handshake_messages_total", Type::counter,
               "Handshake messages received, by what became of them.");
    for (const TunnelView& tunnel : tunnels) {
        for (std::size_t i = 0; i < protocol::kVerdicts; ++i) {
            out.sample(
                {{"tunnel", tunnel.name}, {"verdict", protocol::name(static_cast<protocol::Verdict>(i))}},
                tunnel.handshakes.verdicts[i]);
        }
    }
}

void add_peers(Exposition& out, const std::vector<PeerView>& peers) {
    const auto label = [](const PeerView& peer, auto&& sample) {
        sample(
            {{"tunnel", peer.tunnel}, {"peer", peer.name.empty() ? key_text(peer.public_key) : peer.name}});
    };
    out.family("peer_up", Type::gauge, "Whether the peer has a session.");
    for (const PeerView& peer : peers)
        label(peer, [&](Exposition::Labels labels) {
            out.sample(labels, std::uint64_t{peer.state == PeerState::up});
        });
    out.family("peer_last_handshake_seconds", Type::gauge,
               "Time of the last handshake since 1970; 0: never.");
    for (const PeerView& peer : peers) {
        label(peer, [&](Exposition::Labels labels) {
            out.sample(labels, static_cast<double>(peer.protocol.last_handshake_unix_ns) * 1e-9);
        });
    }
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t PeerView::*value) {
        each(out, name, Type::counter, help, peers, label, value);
    };
    counter("peer_rx_packets_total", "Authentic packets received from the peer.", &PeerView::rx_packets);
    counter("peer_rx_bytes_total", "Bytes received from the peer, WireGuard headers included.",
            &PeerView::rx_bytes);
    counter("peer_tx_packets_total", "Packets sent to the peer.", &PeerView::tx_packets);
    counter("peer_tx_bytes_total", "Bytes sent to the peer, WireGuard headers included.",
            &PeerView::tx_bytes);
    counter("peer_dropped_packets_total", "Packets of the peer that were dropped.",
            &PeerView::dropped_packets);
}

}  // namespace

Metrics collect_metrics(const Viewer& viewer, bool with_peers) {
    Metrics metrics{.status = viewer.status(),
                    .ports = viewer.ports(),
                    .lcores = viewer.lcores(),
                    .rings = viewer.rings(),
                    .tunnels = viewer.tunnels(),
                    .drops = viewer.drops(),
                    .peers = {}};
    if (with_peers) metrics.peers = viewer.peers();
    return metrics;
}

std::string metrics_text(const Metrics& metrics) {
    Exposition out;
    const DropsView& drops = metrics.drops;
    add_status(out, metrics.status, drops.totals.under_way() - static_cast<std::int64_t>(drops.in_flight));
    add_configuration(out, metrics.status.configuration);
    add_ports(out, metrics.ports);
    add_lcores(out, metrics.lcores);
    add_rings(out, metrics.rings);
    add_drops(out, metrics.drops);
    add_tunnels(out, metrics.tunnels);
    if (!metrics.peers.empty()) add_peers(out, metrics.peers);
    return out.take();
}

}  // namespace ringway::control
