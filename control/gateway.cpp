#include "control/gateway.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "control/convert.h"
#include "control/gateway_options.h"
#include "control/host/forwarding_ruleset.h"
#include "control/host/privileges.h"
#include "control/unix_time.h"
#include "control/wg_socket/socket_file.h"
#include "dataplane/accounting.h"
#include "dataplane/device_string.h"
#include "dataplane/headers.h"
#include "dataplane/packet.h"

namespace ringway::control {

using dataplane::PortIndex;

namespace {

constexpr dataplane::Nanoseconds kLookAround = 1'000'000'000;
constexpr dataplane::Nanoseconds kNeighbourRefresh = 5'000'000'000;
/// Datagrams that the kernel put together, taken in one go: timers and handshakes have their turn between.
constexpr std::size_t kReassembledBatch = 64;

/// systemd's StateDirectory=, or its usual place.
std::filesystem::path state_directory() {
    const char* told = std::getenv("STATE_DIRECTORY");
    return told != nullptr ? told : "/var/lib/ringway";
}

}  // namespace

Gateway::Gateway(const config::Configuration& configuration, const std::filesystem::path& file,
                 config::LoadOptions options, Log& log)
    : logger_(log, "gateway"),
      fixed_(configuration),
      layout_(lay_out(configuration, dataplane::allowed_cpus())),
      eal_(eal_options(configuration, layout_)),
      plane_(plane_options(configuration, fit_to_devices(layout_, configuration)), clock_),
      events_(logger_.with_component("events")),
      core_(plane_, random_, unix_nanoseconds),
      waiting_(plane_, core_.counters(),
               [this](PortIndex port, const dataplane::IpAddress& address) { resolve(port, address); }),
      namespaces_(plane_, waiting_),
      named_endpoints_(surroundings_of_names(), logger_.with_component("names")),
      tunnels_(core_, namespaces_, *this, named_endpoints_, events_, logger_.with_component("tunnels")),
      changes_(core_, tunnels_, fixed_),
      window_(changes_, logger_.with_component("commit")),
      host_io_(plane_),
      mender_(plane_, namespaces_, taps_, tunnels_, fixed_, logger_.with_component("interfaces")),
      timestamps_(state_directory() / (state_name(configuration) + ".timestamp")),
      lcore_watch_(logger_.with_component("lcores")),
      descriptors_(logger_),
      file_(file, options, configuration.digest, {calls_, changes_, window_, clock_, log}) {
    log_aead();
    restore_timestamp();
    poller_.add(resolver_.fd(), [this] {
        for (const NameResolver::Answer& answer : resolver_.take())
            named_endpoints_.answered(answer);
    });
    start_ports(configuration);
    start_tunnels(configuration);
    tell_events();
    put_routes(configuration);
    namespaces_.start_mirrors();
    for (const auto& n : namespaces_.all())
        follow(*n);
    warn_of_bypassed_rulesets(configuration);
    if (configuration.wg_socket) open_wg_sockets();
    viewer_.emplace(Viewer::Sources{core_, tunnels_, host_io_, layout_, lcore_watch_, port_names_, changes_,
                                    window_, file_, named_endpoints_});
    open_rest(configuration.rest);
    // Last: what throws before it finds no lcore at work on what it unmakes.
    start_lcores(configuration.system.idle == config::Idle::adaptive);
    logger_.info("DPDK's tools find this process", {{"prefix", eal_.prefix()}, {"capture", eal_.captures()}});
}

/// Which code seals and opens packets, and from how many short and long packets on.
void Gateway::log_aead() {
    using crypto::AeadOperation;
    const crypto::AeadPolicy& policy = plane_.options.aead;
    if (policy.kernel() == nullptr) {
        logger_.info("aead", {{"path", to_string(policy.path())}});
        return;
    }
    const auto from = [&](std::uint32_t bytes) {
        return std::max(policy.takes_from(bytes, AeadOperation::Direction::seal),
                        policy.takes_from(bytes, AeadOperation::Direction::open));
    };
    logger_.info("aead", {{"path", to_string(policy.path())},
                          {"from_packets_64", from(64)},
                          {"from_packets_1424", from(1424)}});
}

Gateway::~Gateway() {
    calls_.close();
    console_.reset();
    rest_.reset();
    wg_sockets_.clear();
    stop_lcores();
}

NamedEndpoints::Surroundings Gateway::surroundings_of_names() {
    return {.clock = clock_,
            .ask = [this](std::uint64_t ticket, const std::string& host) { resolver_.ask(ticket, host); },
            .is_failing =
                [this](PeerIndex peer) {
                    const auto status = core_.engine().status(peer);
                    if (!status) return false;
                    const bool silent = status->problem == protocol::PeerProblem::no_answer &&
                                        (status->initiations > 1 || !status->handshake_under_way);
                    return silent || status->problem == protocol::PeerProblem::no_endpoint;
                },
            .endpoint_of = [this](PeerIndex peer) { return plane_.peers[peer].endpoint.read(); },
            .set_endpoint =
                [this](PeerIndex peer, const dataplane::Endpoint& endpoint) {
                    core_.set_endpoint(peer, endpoint);
                    // What could not be sent for want of an address is due.
                    core_.set_persistent_keepalive(peer, core_.peer(peer)->persistent_keepalive);
                }};
}

void Gateway::stop_lcores() {
    stop_lcores_.store(true, std::memory_order_relaxed);
    stop_host_io_.store(true, std::memory_order_relaxed);
    eal_.join();
}

void Gateway::restore_timestamp() {
    const TimestampStore::Restored restored = timestamps_.restore();
    if (restored.outcome == TimestampStore::Outcome::unusable) {
        logger_.warning("the last timestamp is lost", {{"why", restored.message}});
    }
    core_.engine().restore_last_timestamp(restored.timestamp);
}

void Gateway::keep_timestamp() {
    const auto kept = timestamps_.keep_ahead(unix_nanoseconds(), core_.engine().last_timestamp_sent());
    if (!kept) logger_.warning("the last timestamp can't be kept over a restart", {{"error", kept.error()}});
}

void Gateway::start_ports(const config::Configuration& configuration) {
    for (const config::Port& port : configuration.ports)
        start_port(port);
}

void Gateway::start_port(const config::Port& port) {
    Namespace& own = namespaces_.get("");
    Namespace& n = namespaces_.get(port.host.netns);
    if (const std::string interface = dataplane::af_packet_interface(port.device); !interface.empty()) {
        guards_.push_back(value_or_throw(host::PortGuard::install(own.handle, interface)));
    }
    // A gateway that was killed has left its socket, and the driver does not replace it.
    if (const std::string socket = dataplane::memif_socket(port.device); !socket.empty())
        remove_stale_socket(socket);
    dataplane::PortOptions options;
    options.device = port.device;
    options.mtu = port.mtu;
    options.rx_queues = port.queues.value_or(static_cast<std::uint16_t>(plane_.rx_lcores()));
    options.domain = n.domain;
    options.host = static_cast<dataplane::HostIndex>(plane_.ports.size());
    const PortIndex index = plane_.add_port(options);

    port_names_.push_back({port.name, port.host.interface, port.host.netns});

    host::TunOptions tap{.kind = host::TunOptions::Kind::tap,
                         .name = port.host.interface,
                         .mac = plane_.ports[index]->mac(),
                         .mtu = port.mtu};
    for (const config::Prefix& address : port.host.addresses) {
        tap.addresses.push_back({to_address(address.address), address.length});
    }
    taps_.push_back(value_or_throw(host::TunDevice::create(n.handle, tap)));
    n.routes->add_port(taps_.back().index(), index);
    host_io_.add_tap(taps_.back(), options.host, index);
}

void Gateway::start_tunnels(const config::Configuration& configuration) {
    for (const config::Tunnel& tunnel : configuration.tunnels) {
        const auto host = static_cast<dataplane::HostIndex>(plane_.ports.size() + tunnels_.all().size());
        tunnels_.start(tunnel, host);
        RunningTunnel& running = *tunnels_.all().back();
        host_io_.add_tun(running.device, host, running.index);
    }
}

/// From here on: the peers of the file are no news.
void Gateway::tell_events() {
    events_.set_names(tunnels_);
    core_.set_observer(events_);
    for (const auto& tunnel : tunnels_.all())
        events_.configuration_changed(tunnel->index, {ChangedBy::file, Change::tunnel_started});
}

void Gateway::put_routes(const config::Configuration& configuration) {
    for (const config::Route& route : configuration.routes) {
        value_or_throw(namespaces_.get("").control.replace_route(
            {.to = to_prefix(route.to), .via = to_address(route.via), .preferred_source = {}}));
    }
}

void Gateway::open_wg_sockets() {
    for (const auto& tunnel : tunnels_.all()) {
        auto server =
            WgSocketServer::open("/var/run/wireguard/" + tunnel->name + ".sock", tunnel->name, changes_);
        if (!server) throw std::runtime_error(server.error());
        wg_sockets_.push_back(std::move(*server));
        WgSocketServer* socket = wg_sockets_.back().get();
        poller_.add(socket->fd(), [this, socket] { socket->process(clock_.now()); });
    }
}

void Gateway::open_rest(const config::Rest& rest) {
    poller_.add(calls_.fd(), [this] { calls_.serve(); });
    if (!rest.listen) return;
    api_.emplace(
        rest::Api::Sources{calls_, core_, tunnels_, changes_, window_, file_, *viewer_, events_.journal()},
        rest::guard_of(rest));
    rest_.emplace(rest, *api_, events_.journal());
    logger_.info("REST is served", {{"at", rest.listen->to_string()}});
}

void Gateway::open_console(const console::Console::Options& options) {
    desk_.emplace(console::Desk::Sources{calls_, core_, tunnels_, changes_, window_, file_, *viewer_,
                                         namespaces_, port_names_,
                                         [this](LogLevel level) { logger_.set_level(level); }});
    auto on_control_thread = options;
    on_control_thread.stop = [this, stop = options.stop] { calls_.call(stop); };
    console_.emplace(on_control_thread, *desk_, logger_.with_component("console"));
}

void Gateway::drop_privileges(const config::Configuration& configuration) {
    const bool files_of_others = configuration.files_of_others || host::is_of_others(file_.path()) ||
                                 host::is_of_others(configuration.system.log.file) ||
                                 host::is_of_others(timestamps_.path());
    const auto dropped = host::drop_privileges(
        {.other_namespaces = namespaces_.all().size() > 1, .files_of_others = files_of_others});
    if (!dropped) logger_.warning("privileges are left", {{"why", dropped.error().message()}});
}

void Gateway::start_lcores(bool adaptive) {
    for (const auto& lcore : plane_.lcores) {
        lcore_watch_.add(lcore->counters.polls);
        bodies_.emplace_back([this, &lcore, adaptive] { dataplane::run(*lcore, stop_lcores_, adaptive); });
    }
    bodies_.emplace_back([this] { host_io_.run(stop_host_io_); });
    try {
        for (unsigned i = 0; i < bodies_.size(); ++i)
            eal_.launch(i + 1, bodies_[i]);
    } catch (...) {
        calls_.close();  // whoever asks by REST already must not wait for us
        stop_lcores();
        throw;
    }
}

void Gateway::follow(Namespace& n) {
    poller_.add(n.mirror->fd(), [this, &n] {
        const host::Result<void> processed = n.mirror->process();
        if (processed) return;
        logger_.error("the kernel's routes can't be followed, beginning anew",
                      {{"namespace", n.handle.describe()}, {"error", processed.error().message()}});
        poller_.remove(n.mirror->fd());
        unfollowed_.push_back(&n);
    });
}

/// Until there is a socket to be had: packets go by the routes that were known meanwhile.
void Gateway::follow_again(Namespace& n) {
    if (!n.mirror->reopen(n.handle)) return unfollowed_.push_back(&n);
    logger_.info("the kernel's routes are followed again", {{"namespace", n.handle.describe()}});
    follow(n);
}

/// The mirrors make them good by themselves.
void Gateway::tell_overruns() {
    std::uint64_t overruns = 0;
    for (const auto& n : namespaces_.all())
        overruns += n->mirror->overruns();
    if (overruns == std::exchange(overruns_told_, overruns)) return;
    logger_.warning("the kernel's notifications came too fast: its routes are read anew",
                    {{"times", overruns}});
}

void Gateway::warn_of_bypassed_rulesets(const config::Configuration& configuration) {
    for (const config::Tunnel& tunnel : configuration.tunnels) {
        if (tunnel.forward != config::Forward::fast) continue;
        const auto ruleset = host::has_forwarding_ruleset(namespaces_.get(tunnel.host.netns).handle);
        if (!ruleset || !*ruleset) continue;
        logger_.warning("the host's forwarding rules do not see this tunnel's traffic: forward is fast",
                        {{"tunnel", tunnel.name}});
    }
}

void Gateway::watch(RunningTunnel& tunnel) {
    for (host::ListenSocket& socket : tunnel.sockets) {
        poller_.add(socket.fd(), [this, &tunnel, &socket] { receive_reassembled(tunnel, socket); });
    }
}

void Gateway::unwatch(RunningTunnel& tunnel) {
    for (const host::ListenSocket& socket : tunnel.sockets)
        poller_.remove(socket.fd());
}

/// The port that a datagram came in by; one that came by another way (this host's own) is taken for the
/// first port's of that namespace. Nothing if there is none.
std::optional<PortIndex> Gateway::port_of(const RunningTunnel& tunnel, host::InterfaceIndex interface) const {
    if (const auto port = namespaces_.all()[tunnel.outer_domain]->routes->port_of(interface)) return port;
    const auto found = std::find_if(plane_.ports.begin(), plane_.ports.end(),
                                    [&](const auto& port) { return port->domain() == tunnel.outer_domain; });
    if (found == plane_.ports.end()) return std::nullopt;
    return static_cast<PortIndex>(found - plane_.ports.begin());
}

/// What only the kernel could put together re-enters the packet path as the frame it would have
/// been.
void Gateway::receive_reassembled(const RunningTunnel& tunnel, host::ListenSocket& socket) {
    std::array<std::uint8_t, 65536> buffer;
    for (std::size_t i = 0; i < kReassembledBatch; ++i) {
        const host::Result<std::optional<host::Datagram>> received = socket.receive(buffer);
        if (!received || !*received) return;
        const host::Datagram& datagram = **received;
        core_.counters().from_host.add();
        const std::optional<PortIndex> at = port_of(tunnel, datagram.interface);
        if (!at) {
            core_.counters().drop(dataplane::DropReason::no_route);
            continue;
        }
        const PortIndex port = *at;
        rte_mbuf* packet = plane_.make_packet();
        if (packet == nullptr) {
            core_.counters().drop(dataplane::DropReason::memory_short);
            continue;
        }
        const dataplane::OuterTemplate outer({.destination_mac = plane_.ports[port]->mac(),
                                              .source_mac = {},
                                              .source = datagram.source,
                                              .destination = datagram.destination,
                                              .source_port = datagram.source_port,
                                              .destination_port = tunnel.listen_port});
        const std::size_t headers = outer.size();
        if (headers + datagram.payload.size() + dataplane::kTailroom > rte_pktmbuf_tailroom(packet)) {
            core_.counters().drop(dataplane::DropReason::too_big);
            rte_pktmbuf_free(packet);
            continue;
        }
        const auto bytes = static_cast<std::uint16_t>(datagram.payload.size());
        auto* data = reinterpret_cast<std::uint8_t*>(
            rte_pktmbuf_append(packet, static_cast<std::uint16_t>(headers + bytes)));
        outer.write(data, bytes, datagram.traffic_class, 0, 0);
        std::copy(datagram.payload.begin(), datagram.payload.end(), data + headers);
        dataplane::meta(packet).kind = dataplane::PacketKind::frame;
        dataplane::meta(packet).port = port;
        if (!plane_.rx_lcore(0).rx->from_host.push(packet)) {
            core_.counters().drop(dataplane::DropReason::submit_queue_full);
            rte_pktmbuf_free(packet);
        }
    }
}

void Gateway::resolve(PortIndex port, const dataplane::IpAddress& address) {
    Namespace& n = namespaces_.of(plane_.ports[port]->domain());
    if (const auto interface = n.routes->interface_of(port))
        (void)n.control.use_neighbour(*interface, address);
}

void Gateway::look_around() {
    const dataplane::Nanoseconds now = clock_.now();
    if (now < next_look_) return;
    next_look_ = now + kLookAround;
    lcore_watch_.look(now);
    descriptors_.look();
    // Their deadlines: clients that are silent, and when to take new ones again after a want of descriptors.
    for (const auto& server : wg_sockets_)
        server->process(now);
    named_endpoints_.look();
    for (Namespace* n : std::exchange(unfollowed_, {}))
        follow_again(*n);
    tell_overruns();
    mender_.look();
    window_.look(now);
    if (now >= next_refresh_) refresh_neighbours(now);
}

void Gateway::refresh_neighbours(dataplane::Nanoseconds now) {
    next_refresh_ = now + kNeighbourRefresh;
    plane_.neighbours.for_each_used([this](PortIndex port, const dataplane::IpAddress& address,
                                           const dataplane::Neighbour&) { resolve(port, address); });
}

void Gateway::run(const std::function<bool()>& stop) {
    while (!stop()) {
        keep_timestamp();
        const bool core_worked = core_.turn();
        const bool busy = waiting_.turn() != 0 || core_worked;
        look_around();
        poller_.wait(busy ? 0 : 1);
    }
}

void Gateway::drain() {
    constexpr dataplane::Nanoseconds kPatience = 500'000'000;
    plane_.draining.store(true, std::memory_order_relaxed);
    // What waits for a session or a neighbour may wait for good.
    const dataplane::Nanoseconds until = clock_.now() + kPatience;
    while (clock_.now() < until && plane_.in_flight() > plane_.waiting.held()) {
        (void)core_.turn();
        (void)waiting_.turn();
        poller_.wait(1);
    }
    const auto kept = timestamps_.finish(core_.engine().last_timestamp_sent());
    if (!kept) logger_.warning("the last timestamp can't be kept over a restart", {{"error", kept.error()}});
}

void Gateway::log_counters() {
    dataplane::Totals totals;
    for (const auto& lcore : plane_.lcores)
        totals.add(lcore->counters);
    totals.add(core_.counters());
    totals.add(host_io_.counters());
    logger_.info("packets", {{"in", totals.in},
                             {"from_host", totals.from_host},
                             {"made_here", totals.made_here},
                             {"out", totals.out},
                             {"to_host", totals.to_host},
                             {"consumed", totals.consumed},
                             {"drops", totals.dropped()},
                             {"in_flight", totals.under_way()}});
    for (std::size_t i = 0; i < dataplane::kDropReasons; ++i) {
        if (totals.drops[i] == 0) continue;
        logger_.info("dropped", {{"reason", dataplane::kDropReasonNames[i]}, {"packets", totals.drops[i]}});
    }
}

}  // namespace ringway::control
