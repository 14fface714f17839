#include "tests/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "control/protocol/durations.h"
#include "tests/simulation/network.h"

namespace ringway::simulation {

using control::protocol::ns;

namespace {

using namespace std::chrono_literals;

constexpr WorldTime kCalm = ns(60s);
/// A silence is noticed after KEEPALIVE_TIMEOUT + REKEY_TIMEOUT, a handshake may have to wait for
/// REKEY_TIMEOUT after one that was lost, both with jitter; and the clocks run slow by a little. Whatever of
/// the storm is still on its way and authentic ends a silence, so that patience begins anew with it.
constexpr double kRecoverySeconds =
    std::chrono::duration<double>(crypto::kKeepaliveTimeout + 2 * crypto::kRekeyTimeout +
                                  2 * crypto::kRekeyTimeoutJitterMax + 3s)
        .count();
constexpr WorldTime kCheckEvery = ns(5s);
/// From the last packet on: what went unanswered is noticed and tried again for REKEY_ATTEMPT_TIME, so that
/// the last session may be born two minutes later; clocks run slow by a little.
constexpr WorldTime kSilence = ns(3 * crypto::kRejectAfterTime + 240s);

struct Link {
    NodeNumber a;
    NodeNumber b;
    std::uint64_t preshared_key = 0;
    WorldTime straggler_at = 0;  ///< when an end last heard something from before the calm
};

/// One direction of a link: who sends how often.
struct Flow {
    NodeNumber from;
    NodeNumber to;
    WorldTime every = 0;  ///< 0: silent
    WorldTime heard_at = 0;
};

class World final : public NodeSurroundings {
  public:
    explicit World(const WorldOptions& options)
        : options_(options),
          chance_(options.seed),
          referee_(agenda_),
          network_(agenda_, chance_, [this](const Datagram& datagram) { arrive(datagram); }) {
        build();
    }

    void run() {
        const auto end = static_cast<WorldTime>(options_.hours * 3600e9);
        while (agenda_.now() < end) {
            storm(ns(1s) * chance_.between(120, 900));
            calm();
        }
        fall_silent();
    }

    [[nodiscard]] std::uint64_t packets() const { return referee_.packets_accepted(); }
    [[nodiscard]] double slowest_recovery() const { return slowest_recovery_; }

  private:
    // NodeSurroundings.
    void transmit_from(NodeNumber node, const dataplane::Endpoint& to, Bytes bytes) override {
        network_.send({.from = addresses_[node], .to = to, .bytes = std::move(bytes)}, node, owner_of(to));
    }
    void heard_at(NodeNumber node, NodeNumber from, WorldTime sent) override;
    void delivered_at(NodeNumber node, NodeNumber from, const Inner& packet) override;
    [[nodiscard]] dataplane::Endpoint address_of(NodeNumber node) const override { return addresses_[node]; }

    void build();
    void storm(WorldTime duration);
    void calm();
    void look_for_silence(const Flow& flow);
    void fall_silent();

    void arrive(const Datagram& datagram);
    [[nodiscard]] NodeNumber owner_of(const dataplane::Endpoint& address) const;
    void move(NodeNumber node);

    void flow_on(std::size_t flow, std::uint64_t generation);
    void set_flow(Flow& flow, WorldTime every);
    void change_flows();
    void trouble();
    void change_configuration(Node& node, Node& other);
    void repair();
    [[nodiscard]] Link& link_between(NodeNumber one, NodeNumber other);
    [[nodiscard]] double quiet_seconds(const Flow& flow);
    void introduce(Node& node, const Node& other, const Link& link);
    void check_all();

    const WorldOptions options_;
    Agenda agenda_;
    Chance chance_;
    Referee referee_;
    Network network_;
    std::vector<dataplane::Endpoint> addresses_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<Link> links_;
    std::vector<Flow> flows_;
    std::vector<std::uint64_t> generations_;  ///< of flows: what is planned for an older one is void
    std::set<NodeNumber> movers_;
    std::unordered_set<std::uint64_t> delivered_;
    std::uint64_t next_id_ = 0;
    std::uint16_t moves_ = 0;
    bool stormy_ = false;
    WorldTime calm_since_ = 0;
    std::uint64_t first_of_calm_ = 0;  ///< the first packet sent in it
    double slowest_recovery_ = 0;
};

// --- making it ---

void World::build() {
    const auto count = static_cast<NodeNumber>(chance_.between(2, 4));
    addresses_.resize(count);
    for (NodeNumber i = 0; i < count; ++i)
        move(i);
    for (NodeNumber i = 0; i < count; ++i) {
        nodes_.push_back(
            std::make_unique<Node>(i, chance_.bits(), options_.sabotage, agenda_, referee_, *this));
    }
    // A star; with three nodes perhaps all know each other. Who may move: nobody whose peer may, too, for
    // then they could lose each other for good.
    const bool mesh = count == 3 && chance_.happens(0.5);
    for (NodeNumber b = 1; b < count; ++b) {
        links_.push_back({.a = 0, .b = b, .preshared_key = chance_.happens(0.5) ? chance_.bits() : 0});
        if (!mesh || b == count - 1) movers_.insert(b);
    }
    if (mesh) links_.push_back({.a = 1, .b = 2});
    for (const Link& link : links_) {
        introduce(*nodes_[link.a], *nodes_[link.b], link);
        introduce(*nodes_[link.b], *nodes_[link.a], link);
        flows_.push_back({.from = link.a, .to = link.b});
        flows_.push_back({.from = link.b, .to = link.a});
    }
    generations_.resize(flows_.size());
    for (const auto& node : nodes_)
        node->start();
    check_all();
}

void World::introduce(Node& node, const Node& other, const Link& link) {
    node.set_peer(other.number(), {.public_key = other.public_key(),
                                   .preshared_key = link.preshared_key,
                                   .endpoint_known = node.number() != 0 || chance_.happens(0.5)});
}

/// Another address or port.
void World::move(NodeNumber node) {
    dataplane::Endpoint& address = addresses_[node];
    address.remote.bytes = {192, 0, static_cast<std::uint8_t>(chance_.below(4)),
                            static_cast<std::uint8_t>(10 + node)};
    address.remote_port = static_cast<std::uint16_t>(10'000 + ++moves_);
}

NodeNumber World::owner_of(const dataplane::Endpoint& address) const {
    for (NodeNumber i = 0; i < addresses_.size(); ++i) {
        if (addresses_[i].remote == address.remote && addresses_[i].remote_port == address.remote_port)
            return i;
    }
    return kNobody;
}

Link& World::link_between(NodeNumber one, NodeNumber other) {
    return *std::find_if(links_.begin(), links_.end(), [&](const Link& link) {
        return (link.a == one && link.b == other) || (link.a == other && link.b == one);
    });
}

void World::arrive(const Datagram& datagram) {
    const NodeNumber to = owner_of(datagram.to);
    if (to != kNobody) nodes_[to]->receive(datagram.from, datagram.bytes, datagram.sent);
}

// --- packets ---

void World::heard_at(NodeNumber node, NodeNumber from, WorldTime sent) {
    if (!stormy_ && sent < calm_since_) link_between(node, from).straggler_at = agenda_.now();
}

void World::delivered_at(NodeNumber node, NodeNumber from, const Inner& packet) {
    if (!nodes_[node]->allows(packet.source, from)) {
        referee_.blow("source allowed", node,
                      fmt::format("takes a packet of {} from node {}", packet.source, from));
    }
    if (!delivered_.insert(packet.id).second) referee_.blow("accepted once", node, "delivers a packet again");
    for (Flow& flow : flows_) {
        if (flow.from != from || flow.to != node) continue;
        if (stormy_ || packet.id < first_of_calm_) continue;
        look_for_silence(flow);
        if (flow.heard_at == 0) slowest_recovery_ = std::max(slowest_recovery_, quiet_seconds(flow));
        flow.heard_at = agenda_.now();
    }
}

void World::set_flow(Flow& flow, WorldTime every) {
    flow.every = every;
    const auto index = static_cast<std::size_t>(&flow - flows_.data());
    const std::uint64_t generation = ++generations_[index];
    if (every == 0) return;
    agenda_.after(chance_.below(every), [this, index, generation] { flow_on(index, generation); });
}

void World::flow_on(std::size_t index, std::uint64_t generation) {
    if (generations_[index] != generation) return;
    Flow& flow = flows_[index];
    // Now and then a packet that says it comes from somebody else.
    const bool honest = !stormy_ || !chance_.happens(0.02);
    const auto source = honest ? flow.from : static_cast<NodeNumber>(chance_.below(nodes_.size()));
    nodes_[flow.from]->send(flow.to, {.source = source, .id = next_id_++});
    agenda_.after(flow.every, [this, index, generation] { flow_on(index, generation); });
}

void World::change_flows() {
    for (Flow& flow : flows_) {
        if (chance_.happens(0.5)) continue;
        set_flow(flow, chance_.happens(0.6) ? 0 : ns(1ms) * chance_.between(300, 20'000));
    }
}

// --- weather and troubles ---

void World::storm(WorldTime duration) {
    stormy_ = true;
    const WorldTime end = agenda_.now() + duration;
    while (agenda_.now() < end) {
        network_.set_weather(Weather::any(chance_));
        if (chance_.happens(0.2)) network_.split(chance_.bits());
        change_flows();
        const std::uint64_t troubles = chance_.below(4);
        for (std::uint64_t i = 0; i < troubles; ++i)
            agenda_.after(chance_.below(ns(60s)), [this] {
                if (stormy_) trouble();
            });
        agenda_.run_until(std::min(end, agenda_.now() + ns(1s) * chance_.between(10, 120)));
        network_.heal_split();
    }
}

/// Something that happens to one node.
void World::trouble() {
    Node& node = *nodes_[chance_.below(nodes_.size())];
    const Link& link = links_[chance_.below(links_.size())];
    switch (chance_.below(9)) {
        case 0:
            node.crash();
            agenda_.after(chance_.below(ns(60s)), [&node] {
                if (!node.is_up()) node.start();
            });
            break;
        case 1:
            node.freeze(chance_.below(ns(20s)));
            break;
        case 2:
            node.jump_clock(chance_.below(ns(400s)));
            break;
        case 3:
            node.jump_wall((chance_.happens(0.5) ? 1 : -1) *
                           static_cast<std::int64_t>(chance_.below(ns(10h))));
            break;
        case 4:
            if (movers_.contains(node.number())) move(node.number());
            break;
        case 5:
            node.set_loaded(chance_.happens(0.7));
            break;
        case 6:
            network_.replay(chance_.between(1, 20));
            break;
        default: {
            const bool forth = chance_.happens(0.5);
            change_configuration(*nodes_[forth ? link.a : link.b], *nodes_[forth ? link.b : link.a]);
        }
    }
}

void World::change_configuration(Node& node, Node& other) {
    if (!node.knows(other.number())) {
        introduce(node, other, link_between(node.number(), other.number()));
        return;
    }
    switch (chance_.below(6)) {
        case 0:
            node.remove_peer(other.number());
            break;
        case 1:
            node.set_preshared_key(other.number(), chance_.bits());
            break;
        case 2:
            node.change_key();
            break;
        case 3:
            node.set_keepalive(other.number(), static_cast<std::uint16_t>(chance_.below(40)));
            break;
        case 4:
            // Its network goes to another peer, perhaps to one that is not there.
            node.allow(other.number(), static_cast<NodeNumber>(chance_.below(nodes_.size())));
            break;
        default:
            node.disallow(other.number());
    }
}

// --- calm ---

/// Configurations fit each other again. No more is changed than must be.
void World::repair() {
    for (const auto& node : nodes_) {
        node->thaw();
        node->set_loaded(false);
        if (!node->is_up()) node->start();
        node->look();
    }
    for (const Link& link : links_) {
        for (const auto& [from, to] : {std::pair{link.a, link.b}, std::pair{link.b, link.a}}) {
            Node& node = *nodes_[from];
            const Node& other = *nodes_[to];
            if (!node.knows(to) || node.settings(to).public_key != other.public_key()) {
                node.set_peer(to, {.public_key = other.public_key(), .preshared_key = link.preshared_key});
            }
            if (node.settings(to).preshared_key != link.preshared_key)
                node.set_preshared_key(to, link.preshared_key);
            node.allow(to, to);
        }
    }
}

void World::calm() {
    stormy_ = false;
    network_.set_weather(Weather::calm());
    calm_since_ = agenda_.now();
    first_of_calm_ = next_id_;
    repair();
    for (Flow& flow : flows_) {
        flow.heard_at = 0;
        set_flow(flow, ns(1ms) * chance_.between(500, 1000));
    }
    for (const WorldTime end = calm_since_ + kCalm; agenda_.now() < end;) {
        agenda_.run_until(std::min(end, agenda_.now() + kCheckEvery));
        for (const Flow& flow : flows_)
            look_for_silence(flow);
    }
    for (const Flow& flow : flows_) {
        if (flow.heard_at != 0 && agenda_.now() - flow.heard_at > ns(3s))
            referee_.blow("flows again", flow.to, fmt::format("has lost node {} in the calm", flow.from));
    }
}

/// How long a flow has been given to come back.
double World::quiet_seconds(const Flow& flow) {
    const WorldTime since = std::max(calm_since_, link_between(flow.from, flow.to).straggler_at);
    return static_cast<double>(agenda_.now() - since) / 1e9;
}

void World::look_for_silence(const Flow& flow) {
    const double quiet = quiet_seconds(flow);
    if (flow.heard_at == 0 && quiet > kRecoverySeconds) {
        referee_.blow("flows again", flow.to,
                      fmt::format("hears nothing of node {} for {:.1f} s of calm", flow.from, quiet));
    }
}

void World::fall_silent() {
    for (Flow& flow : flows_)
        set_flow(flow, 0);
    for (const Link& link : links_) {
        nodes_[link.a]->set_keepalive(link.b, 0);
        nodes_[link.b]->set_keepalive(link.a, 0);
    }
    agenda_.run_until(agenda_.now() + kSilence);
    for (const auto& node : nodes_) {
        if (node->secrets() != 0)
            referee_.blow("silent", node->number(),
                          fmt::format("holds {} secrets of sessions that are over", node->secrets()));
    }
}

void World::check_all() {
    for (const auto& node : nodes_) {
        node->look();
        // What the look has asked of the lcores is done soon.
        agenda_.after(ns(10ms), [&node] { node->check(); });
    }
    agenda_.after(kCheckEvery, [this] { check_all(); });
}

}  // namespace

Outcome run_world(const WorldOptions& options) {
    World world(options);
    Outcome outcome;
    try {
        world.run();
    } catch (const Violation& violation) {
        outcome.violation = violation.what();
    }
    outcome.packets = world.packets();
    outcome.slowest_recovery_seconds = world.slowest_recovery();
    return outcome;
}

}  // namespace ringway::simulation
