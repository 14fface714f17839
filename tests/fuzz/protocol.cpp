// Two nodes of the simulated world, whose network is the input: it decides what is delivered, when, how often
// and how changed, what the nodes do meanwhile, and how time passes. The world's referee judges what they
// believe; in the end the network heals, and both must hear each other again.

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <unordered_set>

#include "control/protocol/durations.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"
#include "tests/simulation/node.h"

namespace ringway::tests {
namespace {

using namespace simulation;
using namespace std::chrono_literals;
using control::protocol::ns;

constexpr std::size_t kMostSteps = 64;
constexpr std::size_t kMostKept = 32;
constexpr WorldTime kLatency = ns(5ms);
/// As in the world: a silence is noticed, and a handshake may have to wait for another that was lost.
/// Anything authentic from before ends a silence, so that patience begins anew with it.
constexpr WorldTime kRecovery =
    ns(crypto::kKeepaliveTimeout + 2 * crypto::kRekeyTimeout + 2 * crypto::kRekeyTimeoutJitterMax + 3s);
constexpr WorldTime kSendEvery = ns(700ms);

struct Sent {
    NodeNumber from = kNobody;
    simulation::Bytes bytes;
    WorldTime at = 0;
};

class FuzzedPair final : public NodeSurroundings {
  public:
    FuzzedPair() {
        for (const NodeNumber number : {0U, 1U})
            nodes_.push_back(
                std::make_unique<Node>(number, 1 + number, Sabotage::none, agenda_, referee_, *this));
        introduce();
        for (const auto& node : nodes_)
            node->start();
    }

    void run(Input input) {
        InputBytes bytes(input);
        for (std::size_t i = 0; i < kMostSteps && !bytes.empty(); ++i) {
            step(bytes);
            agenda_.run_until(agenda_.now() + ns(3ms));
            check();
        }
        recover();
    }

  private:
    void step(InputBytes& bytes) {
        const std::uint8_t code = bytes.u8();
        const NodeNumber number = code >> 7;
        Node& node = *nodes_[number];
        switch (code % 16) {
            case 0:
            case 1:
                return node.send(1 - number, {.source = number, .id = next_id_++});
            case 2:
                return node.send(1 - number, {.source = bytes.u8(), .id = next_id_++});
            case 3:
            case 4:
                return deliver_waiting();
            case 5:
                return deliver(kept(bytes));
            case 6:
                return deliver(changed(kept(bytes), bytes));
            case 7:
                return deliver(resized(kept(bytes), bytes));
            case 8:
                // Turned round: what a node has sent comes back to it.
                return deliver(turned(kept(bytes)));
            case 9:
                return deliver({.from = 1 - number, .bytes = foreign(bytes)});
            case 10:
                waiting_.clear();
                return;
            case 11:
                return agenda_.run_until(agenda_.now() + ns(1ms) * bytes.u16());
            case 12:
                return agenda_.run_until(agenda_.now() + ns(1s) * bytes.u8());
            case 13:
                return node.set_loaded((bytes.u8() & 1) != 0);
            case 14:
                return trouble(node, bytes);
            default:
                return configure(node, bytes);
        }
    }

    void trouble(Node& node, InputBytes& bytes) {
        switch (bytes.below(4)) {
            case 0:
                node.crash();
                return node.start();
            case 1:
                return node.freeze(ns(1s) * bytes.below(20));
            case 2:
                return node.jump_clock(ns(1s) * bytes.u8());
            default:
                return node.jump_wall(static_cast<std::int16_t>(bytes.u16()) * std::int64_t{1'000'000'000});
        }
    }
    void configure(Node& node, InputBytes& bytes) {
        const NodeNumber other = 1 - node.number();
        switch (bytes.below(6)) {
            case 0:
                return node.remove_peer(other);
            case 1:
                if (node.knows(other)) node.set_preshared_key(other, bytes.u8());
                return;
            case 2:
                return node.change_key();
            case 3:
                if (node.knows(other)) node.set_keepalive(other, bytes.u8());
                return;
            case 4:
                return node.disallow(other);
            default:
                return introduce();
        }
    }

    // --- the network ---

    void transmit_from(NodeNumber node, const dataplane::Endpoint&, simulation::Bytes bytes) override {
        const Sent sent{.from = node, .bytes = std::move(bytes), .at = agenda_.now()};
        if (healed_) return agenda_.after(kLatency, [this, sent] { deliver(sent); });
        if (waiting_.size() < kMostKept) waiting_.push_back(sent);
        kept_.push_back(sent);
        if (kept_.size() > kMostKept) kept_.pop_front();
    }
    void deliver(const Sent& sent) {
        if (sent.bytes.empty()) return;
        nodes_[1 - sent.from]->receive(address_of(sent.from), sent.bytes, sent.at);
    }
    void deliver_waiting() {
        for (const Sent& sent : std::exchange(waiting_, {}))
            deliver(sent);
    }

    /// Something that was sent; nothing, if nothing was. The newest have the small numbers.
    [[nodiscard]] Sent kept(InputBytes& bytes) const {
        if (kept_.empty()) return {.from = 0};
        return kept_[kept_.size() - 1 - bytes.below(kept_.size())];
    }
    [[nodiscard]] static Sent changed(Sent sent, InputBytes& bytes) {
        if (!sent.bytes.empty()) sent.bytes[bytes.u8() % sent.bytes.size()] ^= bytes.u8();
        return sent;
    }
    [[nodiscard]] static Sent resized(Sent sent, InputBytes& bytes) {
        sent.bytes.resize(bytes.u8());
        return sent;
    }
    [[nodiscard]] static Sent turned(Sent sent) {
        sent.from = 1 - sent.from;
        return sent;
    }
    /// A datagram of the input's own, of a type that there is.
    [[nodiscard]] static simulation::Bytes foreign(InputBytes& bytes) {
        const auto taken = bytes.bytes(bytes.u8());
        simulation::Bytes datagram{static_cast<std::uint8_t>(1 + bytes.below(4)), 0, 0, 0};
        datagram.insert(datagram.end(), taken.begin(), taken.end());
        return datagram;
    }

    // --- the judges ---

    void delivered_at(NodeNumber node, NodeNumber from, const Inner& packet) override {
        promise(nodes_[node]->allows(packet.source, from), "a source is allowed");
        promise(delivered_.insert(packet.id).second, "a packet is delivered once");
        if (packet.id >= first_of_calm_) heard_[node] = true;
    }
    void heard_at(NodeNumber, NodeNumber, WorldTime sent) override {
        if (sent < calm_since_) patient_since_ = agenda_.now();
    }
    [[nodiscard]] dataplane::Endpoint address_of(NodeNumber node) const override {
        dataplane::Endpoint address;
        address.remote.bytes = {192, 0, 2, static_cast<std::uint8_t>(10 + node)};
        address.remote_port = 51820;
        return address;
    }
    void check() {
        for (const auto& node : nodes_) {
            node->look();
            agenda_.run_until(agenda_.now() + ns(10ms));
            node->check();
        }
    }

    void introduce() {
        for (const auto& node : nodes_) {
            const NodeNumber other = 1 - node->number();
            if (!node->knows(other) || node->settings(other).public_key != nodes_[other]->public_key())
                node->set_peer(other, {.public_key = nodes_[other]->public_key()});
            if (node->settings(other).preshared_key != 0) node->set_preshared_key(other, 0);
            node->allow(other, other);
        }
    }
    /// The network carries everything; both send, and hear each other within the protocol's timers.
    void recover() {
        healed_ = true;
        for (const auto& node : nodes_) {
            node->thaw();
            node->set_loaded(false);
            node->look();
        }
        introduce();
        calm_since_ = patient_since_ = agenda_.now();
        first_of_calm_ = next_id_;
        while (agenda_.now() < patient_since_ + kRecovery && !(heard_[0] && heard_[1])) {
            for (const NodeNumber number : {0U, 1U})
                nodes_[number]->send(1 - number, {.source = number, .id = next_id_++});
            agenda_.run_until(agenda_.now() + kSendEvery);
            check();
        }
        promise(heard_[0] && heard_[1], "when the network heals, traffic flows again");
    }

    Agenda agenda_;
    Referee referee_{agenda_};
    std::vector<std::unique_ptr<Node>> nodes_;
    std::deque<Sent> kept_;
    std::vector<Sent> waiting_;
    std::unordered_set<std::uint64_t> delivered_;
    std::array<bool, 2> heard_{};
    std::uint64_t next_id_ = 0;
    std::uint64_t first_of_calm_ = ~std::uint64_t{0};
    WorldTime calm_since_ = 0;
    WorldTime patient_since_ = 0;
    bool healed_ = false;
};

}  // namespace

void fuzz_protocol(Input input) {
    try {
        FuzzedPair().run(input);
    } catch (const Violation& violation) {
        promise(false, violation.what());
    }
}

}  // namespace ringway::tests
