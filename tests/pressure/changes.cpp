#include "tests/pressure/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "tests/dataplane/turn_until.h"
#include "tests/support/disturbance.h"
#include "tests/support/test_network.h"
#include "tests/support/wire_client.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::LcoreRoles;

namespace {

constexpr unsigned kClients = 100;
/// Packets of each client in each direction, at most: far below what any queue holds.
constexpr std::uint64_t kUnderWay = 4;
/// Changes and time go by what arrives, so that time does not pass while lcores are held up.
constexpr std::uint64_t kPacketsToChange = 4;
/// Of virtual time: as long as a session of a WireClient may be used, which never begins another.
constexpr auto kGeneration = 150s;
constexpr std::uint64_t kUnixNow = 1'800'000'000'000'000'000;

/// A client and what has passed between it and the host behind the gateway.
struct Traffic {
    explicit Traffic(unsigned number, const TestGateway& gateway) : client(number, gateway) {}

    [[nodiscard]] bool is_quiet() const { return in_arrived == in_sent && out_arrived == out_sent; }

    WireClient client;
    std::uint64_t in_sent = 0;
    std::uint64_t in_arrived = 0;
    std::uint64_t out_sent = 0;
    std::uint64_t out_arrived = 0;
};

/// Peers that come, change and go, and never mean anything to the hundred.
class Guests {
  public:
    static constexpr std::size_t kPlaces = 32;

    Guests(TestGateway& gateway, std::uint64_t seed) : gateway_(gateway), random_(seed) {}

    /// One change: to add, to change or to remove one.
    void change() {
        const std::size_t place = random_.below(kPlaces);
        auto& peer = peers_[place];
        ++changes_;
        if (!peer) {
            peer = add(place);
        } else if (random_.below(3) == 0) {
            gateway_.core().remove_peer(*peer);
            peer.reset();
        } else {
            change_one(*peer);
        }
    }
    void remove_all() {
        for (auto& peer : peers_) {
            if (peer) gateway_.core().remove_peer(*peer);
            peer.reset();
        }
    }
    [[nodiscard]] std::uint64_t changes() const { return changes_; }

  private:
    std::optional<PeerIndex> add(std::size_t place) {
        control::PeerSpec spec;
        random_.fill(spec.public_key.bytes);
        spec.endpoint = dataplane::Endpoint{.remote = address("10.0.0.250"), .remote_port = 7, .local = {}};
        spec.persistent_keepalive = static_cast<std::uint16_t>(random_.below(3));
        const auto peer = gateway_.core().add_peer(TestGateway::kTunnel, std::move(spec));
        if (peer) gateway_.core().add_allowed_ip(*peer, of_guest(place));
        return peer;
    }
    void change_one(PeerIndex peer) {
        control::Core& core = gateway_.core();
        switch (random_.below(5)) {
            case 0:  // takes another guest's, or one that nobody has
                (void)core.add_allowed_ip(peer, of_guest(random_.below(kPlaces)));
                break;
            case 1:
                (void)core.remove_allowed_ip(peer, of_guest(random_.below(kPlaces)));
                break;
            case 2:
                core.set_persistent_keepalive(peer, static_cast<std::uint16_t>(random_.below(3)));
                break;
            case 3: {
                crypto::PresharedKey key;
                random_.fill(key.span());
                core.set_preshared_key(peer, std::move(key));
                break;
            }
            default:
                core.set_endpoint(peer, {.remote = address("10.0.0.251"), .remote_port = 9, .local = {}});
        }
    }
    /// Beside and among the clients' own addresses: tables change shape around them.
    static dataplane::IpPrefix of_guest(std::size_t place) {
        return prefix("10.200." + std::to_string(place % 2) + "." + std::to_string(128 + place) + "/32");
    }

    TestGateway& gateway_;
    SeededRandom random_;
    std::array<std::optional<PeerIndex>, kPlaces> peers_;
    std::uint64_t changes_ = 0;
};

/// The client that a frame is for, by its outer destination; kClients and more: none.
unsigned client_of(const Bytes& frame) {
    const Bytes packet = packet_of(frame);
    return packet.size() < 20 ? kClients : packet[19] - 100U;
}

Bytes numbered(const dataplane::IpAddress& from, const dataplane::IpAddress& to, std::uint64_t number) {
    std::array<std::uint8_t, sizeof(number)> bytes;
    std::memcpy(bytes.data(), &number, sizeof(number));
    return udp_packet({.source = from, .destination = to}, bytes);
}

/// The number in a packet, which padding may follow.
std::uint64_t number_in(const Bytes& packet) {
    std::uint64_t number = 0;
    std::memcpy(&number, packet.data() + 28, sizeof(number));
    return number;
}

class Scene {
  public:
    explicit Scene(TestGateway& gateway) : gateway_(gateway) {
        for (unsigned i = 0; i < kClients; ++i) {
            traffic_.push_back(std::make_unique<Traffic>(i, gateway));
            (void)traffic_.back()->client.join(gateway);
        }
    }

    /// Sends each client's initiation; few at a time, as they are answered.
    void connect(ManualClock& clock) {
        for (const auto& each : traffic_) {
            gateway_.receive(TestGateway::kWan, each->client.initiation(kUnixNow + clock.now()));
            turn_until(
                [&] {
                    (void)gateway_.step();
                    take_sent();
                },
                [&] { return each->client.has_session(); });
            // The session is the gateway's to send on once it has heard from us.
            send_in(*each);
            turn_until(
                [&] {
                    (void)gateway_.step();
                    take_lan();
                },
                [&] { return each->in_arrived == 1; });
        }
    }

    void send() {
        for (const auto& each : traffic_) {
            if (each->in_sent - each->in_arrived < kUnderWay) send_in(*each);
            if (each->out_sent - each->out_arrived < kUnderWay) send_out(*each);
        }
    }
    void take_sent() {
        while (const auto frame = gateway_.take_sent(TestGateway::kWan)) {
            const unsigned number = client_of(*frame);
            if (number >= kClients) continue;  // a guest's handshake
            Traffic& each = *traffic_[number];
            const auto packet = each.client.take(*frame);
            if (!packet || packet->empty()) continue;  // a response, a keepalive
            wrong_ += number_in(*packet) == each.out_arrived++ ? 0 : 1;
            ++arrived_;
        }
    }
    void take_lan() {
        for (const Bytes& packet : gateway_.take_lan()) {
            Traffic& each = *traffic_[packet[15] - 1U];
            wrong_ += number_in(packet) == each.in_arrived++ ? 0 : 1;
            ++arrived_;
        }
    }
    [[nodiscard]] bool is_quiet() const {
        return std::all_of(traffic_.begin(), traffic_.end(),
                           [](const auto& each) { return each->is_quiet(); });
    }
    [[nodiscard]] std::uint64_t sent() const {
        std::uint64_t sum = 0;
        for (const auto& each : traffic_)
            sum += each->in_sent + each->out_sent;
        return sum;
    }
    [[nodiscard]] std::uint64_t arrived() const { return arrived_; }
    /// Packets that came out of their order: the one before was lost or late.
    [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
    [[nodiscard]] std::uint64_t out_of_order() const {
        std::uint64_t sum = 0;
        for (const auto& each : traffic_)
            sum += each->client.out_of_order();
        return sum;
    }

  private:
    void send_in(Traffic& each) {
        const Bytes packet = numbered(each.client.inside(), gateway_.host(Family::v4), each.in_sent);
        if (gateway_.receive(TestGateway::kWan, each.client.seal(packet))) {
            ++each.in_sent;
        } else {
            ++wrong_;  // its counter is used up
        }
    }
    void send_out(Traffic& each) {
        if (gateway_.receive_from_lan(
                numbered(gateway_.host(Family::v4), each.client.inside(), each.out_sent)))
            ++each.out_sent;
    }

    TestGateway& gateway_;
    std::vector<std::unique_ptr<Traffic>> traffic_;
    std::uint64_t arrived_ = 0;
    std::uint64_t wrong_ = 0;
};

/// What a gateway holds that could grow.
struct Held {
    explicit Held(TestGateway& gateway)
        : indices(gateway.plane().indices.free_count()),
          peers(gateway.core().free_peers()),
          bundles(gateway.plane().bundles_in_use()),
          waiting(gateway.plane().waiting.held()) {}
    bool operator==(const Held&) const = default;
    [[nodiscard]] std::string text() const {
        return fmt::format("{} free indices, {} free peers, {} bundles, {} packets waiting", indices, peers,
                           bundles, waiting);
    }
    std::size_t indices;
    std::size_t peers;
    std::size_t bundles;
    std::size_t waiting;
};

/// A gateway with its hundred, for as long as their sessions last.
class Generation {
  public:
    Generation(const Running& running, std::uint64_t seed)
        : running_(running), guests_(gateway_, seed), seed_(seed) {}

    /// `before`: packets of earlier generations.
    void run(std::uint64_t before) {
        scene_.connect(network_.clock());
        const Held at_first(gateway_);
        const auto end = network_.clock().now() +
                         static_cast<dataplane::Nanoseconds>(std::chrono::nanoseconds(kGeneration).count());
        {
            const LcoreThreads threads(gateway_, 1);
            const Disturbance disturbance(threads.threads(), seed_);
            while (!running_.over(before + scene_.sent()) && network_.clock().now() < end &&
                   scene_.wrong() == 0) {
                if (scene_.arrived() >= kPacketsToChange * guests_.changes()) {
                    network_.clock().advance(1ms);
                    guests_.change();
                }
                scene_.send();
                turn();
                if (++turns_ % 256 == 0)
                    running_.say(fmt::format("changes: {} packets", before + scene_.sent()));
            }
            turn_until([&] { turn(); }, [&] { return scene_.is_quiet() || scene_.wrong() != 0; });
            guests_.remove_all();
            turn_until([&] { turn(); },
                       [&] { return gateway_.core().free_peers() == at_first.peers || scene_.wrong() != 0; });
            held_up_ = disturbance.count();
        }
        network_.settle();
        look(at_first);
    }

    [[nodiscard]] std::uint64_t sent() const { return scene_.sent(); }
    [[nodiscard]] std::uint64_t wrong() const { return scene_.wrong() + scene_.out_of_order(); }
    [[nodiscard]] std::uint64_t changes() const { return guests_.changes(); }
    [[nodiscard]] std::uint64_t held_up() const { return held_up_; }
    [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

  private:
    void turn() {
        (void)gateway_.core().turn();
        scene_.take_sent();
        scene_.take_lan();
    }
    void look(const Held& at_first) {
        const auto hold = [&](bool holds, const std::string& otherwise) {
            if (!holds) failures_.push_back(fmt::format("{} (seed {})", otherwise, seed_));
        };
        hold(wrong() == 0, fmt::format("a packet was lost or overtaken: {}", gateway_.drop_names()));
        const Held now(gateway_);
        hold(now == at_first, fmt::format("the guests took what is not free again: {} instead of {}",
                                          now.text(), at_first.text()));
        hold(gateway_.plane().reclaimer.pending() == 0, "something waits for readers that are gone");
        hold(gateway_.accounts_balance(), "the accounts do not balance");
    }

    const Running& running_;
    TestNetwork network_;
    TestGateway& gateway_ =
        network_.add({.number = 1,
                      .lcores = {{.rx = true, .crypto = true}, {.crypto = true, .tx = true}},
                      .rx_ring = 2048,
                      .lan_tx_ring = 2048,
                      .wan_tx_ring = 2048,
                      .packets = 16384,
                      .bundles = 2048,
                      .max_peers = kClients + 2 * Guests::kPlaces});
    Scene scene_{gateway_};
    Guests guests_;
    const std::uint64_t seed_;
    std::uint64_t turns_ = 0;
    std::uint64_t held_up_ = 0;
    std::vector<std::string> failures_;
};

}  // namespace

SiegeRow press_changes(const Trial& trial) {
    const Running running(trial);
    std::uint64_t sent = 0;
    std::uint64_t wrong = 0;
    std::uint64_t changes = 0;
    std::uint64_t held_up = 0;
    std::vector<std::string> failures;
    for (std::uint64_t seed = trial.seed; failures.empty() && !running.over(sent); ++seed) {
        Generation generation(running, seed);
        generation.run(sent);
        sent += generation.sent();
        wrong += generation.wrong();
        changes += generation.changes();
        held_up += generation.held_up();
        failures = generation.failures();
    }
    const double seconds = running.seconds().count();
    return {.what = fmt::format("packets of 100 clients beside {} changes of other peers ({:.0f} a second), "
                                "threads held up {} times",
                                changes, static_cast<double>(changes) / seconds, held_up),
            .tried = sent,
            .unit = "packets",
            .seconds = seconds,
            .lost = wrong,
            .failures = failures};
}

}  // namespace ringway::tests
