#include "tests/simulation/node.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "control/protocol/durations.h"
#include "crypto/x25519.h"

namespace ringway::simulation {

using control::protocol::EngineLimits;
using control::protocol::ns;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPlaces = 16;
constexpr std::size_t kQueue = 64;
constexpr std::uint64_t kEpoch = 1'700'000'000'000'000'000;
constexpr Nanoseconds kBooted = ns(100s);
constexpr double kDrift = 0.002;

EngineLimits limits() {
    return {.max_peers = kPlaces, .max_tunnels = 1, .handshake_queue = kQueue, .rate_limited_sources = 64};
}

crypto::PresharedKey stretch(std::uint64_t seed) {
    crypto::PresharedKey key;
    if (seed != 0) NodeRandom(seed).fill(key.span());
    return key;
}

}  // namespace

Node::Life::Life(const Path::Options& options, Node& node)
    : random(options.seed ^ 0x5eedULL),
      path(options, node.agenda_, node.clock_, node.referee_, node),
      engine(limits(), path, random, [&node] { return node.clock_.wall(node.agenda_.now()); }) {
    path.set_engine(engine);
}

Node::Node(NodeNumber number, std::uint64_t seed, Sabotage sabotage, Agenda& agenda, Referee& referee,
           NodeSurroundings& around)
    : number_(number),
      sabotage_(sabotage),
      agenda_(agenda),
      referee_(referee),
      around_(around),
      chance_(seed),
      clock_(agenda.now(), kBooted, 1 + kDrift * (2 * chance_.fraction() - 1), kEpoch + agenda.now()) {
    make_key();
}

void Node::make_key() {
    NodeRandom random(chance_.bits());
    private_key_ = crypto::generate_private_key(random);
    public_key_ = crypto::x25519_base(private_key_);
}

// --- life ---

void Node::start() {
    life_ = std::make_unique<Life>(
        Path::Options{.node = number_, .seed = chance_.bits(), .sabotage = sabotage_}, *this);
    life_->engine.restore_last_timestamp(kept_timestamp_);
    life_->engine.add_tunnel(0, private_key_.copy());
    for (const auto& [other, settings] : peers_)
        add_to_engine(other, settings);
    for (const auto& [source, other] : allowed_) {
        if (const auto place = place_of(other)) life_->path.allow(source, *place);
    }
    look();
}

void Node::crash() {
    if (!life_) return;
    if (sabotage_ != Sabotage::forgets_timestamp) kept_timestamp_ = life_->engine.last_timestamp_sent();
    life_.reset();
}

/// Thawed, it serves its timers first: its clock may have jumped meanwhile.
void Node::freeze(WorldTime duration) {
    frozen_until_ = agenda_.now() + duration;
    agenda_.at(frozen_until_, [this] { look(); });
}

void Node::jump_clock(Nanoseconds ahead) {
    clock_.jump(agenda_.now(), ahead);
    if (life_ && !is_frozen()) look();
}

void Node::look() {
    if (!life_) return;
    if (!is_frozen()) life_->engine.poll(now());
    plan_wake();
}

void Node::check() const {
    if (life_ && !is_frozen()) life_->path.check();
}

/// One look ahead is planned at a time, the soonest.
void Node::plan_wake() {
    const auto deadline = life_->engine.next_deadline();
    if (!deadline) return;
    WorldTime at = std::max(clock_.when(*deadline, agenda_.now()), frozen_until_);
    at = std::max(at, agenda_.now() + 1);
    if (life_->wake_planned > agenda_.now() && life_->wake_planned <= at) return;
    life_->wake_planned = at;
    agenda_.at(at, [this, at, life = life_.get()] {
        if (life_.get() == life && life->wake_planned == at) look();
    });
}

// --- configuration ---

PeerId Node::free_place() const {
    for (PeerId place = 0; place < kPlaces; ++place) {
        if (!life_->path.has_peer(place)) return place;
    }
    throw std::logic_error("no place for a peer");
}

std::optional<PeerId> Node::place_of(NodeNumber other) const {
    if (!life_) return std::nullopt;
    const auto found = life_->places.find(other);
    if (found == life_->places.end()) return std::nullopt;
    return found->second;
}

void Node::add_to_engine(NodeNumber other, const PeerSettings& settings) {
    const PeerId place = free_place();
    life_->path.add_peer(place, other,
                         settings.endpoint_known ? around_.address_of(other) : dataplane::Endpoint{});
    if (!life_->engine.add_peer(0, place, settings.public_key, stretch(settings.preshared_key),
                                settings.persistent_keepalive, now()))
        throw std::logic_error("the engine has that peer");
    life_->places[other] = place;
}

void Node::set_peer(NodeNumber other, const PeerSettings& settings) {
    remove_peer(other);
    peers_[other] = settings;
    if (life_) {
        add_to_engine(other, settings);
        plan_wake();
    }
    allow(other, other);
}

void Node::remove_peer(NodeNumber other) {
    peers_.erase(other);
    std::erase_if(allowed_, [other](const auto& entry) { return entry.second == other; });
    if (const auto place = place_of(other)) {
        life_->engine.remove_peer(*place);
        life_->path.remove_peer(*place);
        life_->places.erase(other);
    }
}

void Node::set_preshared_key(NodeNumber other, std::uint64_t preshared_key) {
    peers_.at(other).preshared_key = preshared_key;
    if (const auto place = place_of(other)) life_->engine.set_preshared_key(*place, stretch(preshared_key));
}

void Node::set_keepalive(NodeNumber other, std::uint16_t seconds) {
    peers_.at(other).persistent_keepalive = seconds;
    if (const auto place = place_of(other)) {
        life_->engine.set_persistent_keepalive(*place, seconds, now());
        plan_wake();
    }
}

void Node::allow(NodeNumber source, NodeNumber other) {
    if (!knows(other)) return disallow(source);
    allowed_[source] = other;
    if (const auto place = place_of(other)) life_->path.allow(source, *place);
}

void Node::disallow(NodeNumber source) {
    allowed_.erase(source);
    if (life_) life_->path.disallow(source);
}

bool Node::allows(NodeNumber source, NodeNumber other) const {
    const auto found = allowed_.find(source);
    return found != allowed_.end() && found->second == other;
}

void Node::change_key() {
    make_key();
    if (!life_) return;
    life_->engine.set_private_key(0, private_key_.copy());
    plan_wake();
}

// --- packets ---

void Node::send(NodeNumber other, const Inner& packet) {
    const auto place = place_of(other);
    if (place && !is_frozen()) life_->path.send(*place, packet);
}

void Node::receive(const dataplane::Endpoint& from, Bytes bytes, WorldTime sent) {
    if (!life_) return;
    if (is_frozen()) {
        if (chance_.happens(0.5)) return;
        return agenda_.at(frozen_until_,
                          [this, from, bytes = std::move(bytes), sent] { receive(from, bytes, sent); });
    }
    heard_sent_ = sent;
    crypto::Le32 type;
    if (bytes.size() >= sizeof(type)) std::memcpy(&type, bytes.data(), sizeof(type));
    if (type.host() == static_cast<std::uint32_t>(crypto::MessageType::transport)) {
        life_->path.receive(from, bytes);
    } else {
        life_->engine.note_queue_depth(0, loaded_ ? kQueue : 1, now());
        (void)life_->engine.on_handshake_message(0, bytes, from, now());
    }
    plan_wake();
}

void Node::transmit(const dataplane::Endpoint& to, Bytes bytes) {
    around_.transmit_from(number_, to, std::move(bytes));
}

void Node::delivered(NodeNumber from, const Inner& packet) {
    around_.delivered_at(number_, from, packet);
}

}  // namespace ringway::simulation
