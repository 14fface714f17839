// Transport messages through the whole packet path of a gateway: sealed by its peer, over any plaintext and
// with any counter, and then changed, cut or sent again. And plain packets, sealed by the gateway for the
// peer. A model of the session knows what must be believed.

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "dataplane/ip_view.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/session_bench.h"
#include "tests/fuzz/targets.h"
#include "tests/support/transport.h"

namespace ringway::tests {
namespace {

using namespace std::chrono_literals;

constexpr PortIndex kWan = TestGateway::kWan;
constexpr std::size_t kMostSteps = 24;
/// Above all counters that the peer itself uses.
constexpr std::uint64_t kFirstCounter = 100'000;
/// Beyond it a session is not worth keeping for the next input.
constexpr std::uint64_t kWorn = crypto::kRejectAfterMessages / 2;
constexpr std::array kFarCounters = {
    std::uint64_t{0},
    crypto::kRekeyAfterMessages - 1,
    crypto::kRekeyAfterMessages,
    crypto::kRejectAfterMessages - 1,
    crypto::kRejectAfterMessages,
    ~std::uint64_t{0},
};

/// Which counters the gateway has to accept, written down as slowly as can be.
class Counters {
  public:
    [[nodiscard]] bool accept(std::uint64_t counter) {
        if (counter >= crypto::kRejectAfterMessages) return false;
        if (counter + crypto::kReplayWindow < greatest_) return false;
        if (!seen_.insert(counter).second) return false;
        greatest_ = std::max(greatest_, counter + 1);
        while (*seen_.begin() + crypto::kReplayWindow < greatest_)
            seen_.erase(seen_.begin());
        return true;
    }
    [[nodiscard]] std::uint64_t next() const { return greatest_; }

  private:
    std::uint64_t greatest_ = kFirstCounter;
    std::set<std::uint64_t> seen_;
};

struct Message {
    Bytes bytes;
    Bytes plaintext;
    std::uint64_t counter = 0;
    bool authentic = true;
};

/// Whether `out` is `in` after so many routers. The checksum follows the other fields, right or wrong.
bool is_forwarded(const Bytes& in, const Bytes& out, unsigned hops) {
    const auto ip = dataplane::parse_ip(in);
    if (!ip || ip->total_bytes != out.size() || ip->ttl <= hops) return false;
    const bool v4 = ip->family == Family::v4;
    Bytes expected(in.begin(), in.begin() + ip->total_bytes);
    const std::size_t ttl =
        v4 ? offsetof(dataplane::Ipv4Header, ttl) : offsetof(dataplane::Ipv6Header, hop_limit);
    expected[ttl] = static_cast<std::uint8_t>(expected[ttl] - hops);
    const bool was_right = dataplane::header_checksum_ok(*ip, in.data());
    if (v4 && was_right) renew_checksum(expected);
    if (v4 && !was_right)
        std::copy_n(out.begin() + offsetof(dataplane::Ipv4Header, checksum), 2,
                    expected.begin() + offsetof(dataplane::Ipv4Header, checksum));
    return expected == out;
}

class TransportBench {
  public:
    void feed(Input input) {
        InputBytes bytes(input);
        sent_.clear();
        meet();
        for (std::size_t i = 0; i < kMostSteps && !bytes.empty(); ++i)
            step(bytes);
        check_honest();
    }
    [[nodiscard]] bool is_worn() const { return counters_.next() > kWorn; }

  private:
    void step(InputBytes& bytes) {
        switch (bytes.below(8)) {
            case 0:
                return deliver(sealed(counters_.next(), bytes), bytes);
            case 1: {
                const auto offset = static_cast<std::int16_t>(bytes.u16());
                const auto counter = counters_.next() + static_cast<std::uint64_t>(std::int64_t{offset});
                return deliver(sealed(counter, bytes), bytes);
            }
            case 2: {
                const std::uint64_t counter = kFarCounters[bytes.below(kFarCounters.size())];
                return deliver(sealed(counter, bytes), bytes);
            }
            case 3:
                return deliver(changed(bytes), bytes);
            case 4:
                return deliver(resized(bytes), bytes);
            case 5:
                return replay(bytes);
            case 6:
                return send_plain(bytes.bytes(bytes.u16() % 1500));
            default:
                bench_.network.pass(std::chrono::milliseconds(bytes.u16()));
                return empty_all();
        }
    }

    /// A session of the peer that is young enough, and what is known of it.
    void meet() {
        if (!bench_.b.has_session(bench_.b.peer(bench_.a)) || !is_alive()) {
            bench_.network.pass(6s);
            (void)bench_.b.receive_from_lan(honest_packet());
            bench_.network.pass(6s);
            empty_all();
            promise(bench_.b.has_session(bench_.b.peer(bench_.a)) && is_alive(),
                    "two who know each other meet");
        }
        // With the first counter the window is past those that the peer has used itself. That packet may
        // itself be what makes the next session.
        while (index_of_session() != index_) {
            index_ = index_of_session();
            counters_ = {};
            check_honest();
        }
    }

    [[nodiscard]] crypto::ReceiverIndex index_of_session() {
        return keypair_to(bench_.b, bench_.a).remote_index;
    }
    [[nodiscard]] bool is_alive() {
        const auto age = keypair_to(bench_.b, bench_.a).age(bench_.network.clock().now());
        return age < static_cast<dataplane::Nanoseconds>(crypto::kRejectAfterTime.count());
    }
    [[nodiscard]] Bytes honest_packet() const {
        return udp_packet({.source = bench_.b.host(Family::v4), .destination = bench_.a.host(Family::v4)},
                          pattern(40, 1));
    }

    [[nodiscard]] Message seal(std::uint64_t counter, std::span<const std::uint8_t> plaintext) {
        meet();
        return {.bytes = sealed_for(bench_.b, bench_.a, plaintext, counter),
                .plaintext = Bytes(plaintext.begin(), plaintext.end()),
                .counter = counter};
    }
    /// A plaintext of the input's, after its length.
    [[nodiscard]] Message sealed(std::uint64_t counter, InputBytes& bytes) {
        return seal(counter, bytes.bytes(bytes.u8()));
    }
    /// Up to four bytes behind the receiver index are not what the peer made them.
    [[nodiscard]] Message changed(InputBytes& bytes) {
        Message message = sealed(counters_.next(), bytes);
        const Bytes before = message.bytes;
        for (std::size_t times = 1 + bytes.below(4); times > 0; --times) {
            const std::size_t at = 8 + bytes.u16() % (message.bytes.size() - 8);
            message.bytes[at] ^= bytes.u8();
        }
        message.authentic = message.bytes == before;
        return message;
    }
    [[nodiscard]] Message resized(InputBytes& bytes) {
        Message message = sealed(counters_.next(), bytes);
        const std::size_t before = message.bytes.size();
        message.bytes.resize(bytes.u16() % 1400, 0x5a);
        message.authentic = message.bytes.size() == before;
        return message;
    }

    /// What was sent before must not be believed again, by whatever session.
    void replay(InputBytes& bytes) {
        if (sent_.empty()) return;
        Message again = sent_[bytes.below(sent_.size())];
        again.authentic = false;
        deliver(std::move(again), bytes);
    }

    /// A byte of the input is family and DS field of the outer packet.
    void deliver(Message message, InputBytes& bytes) {
        TestGateway& a = bench_.a;
        const std::uint8_t outer = bytes.u8();
        const Family family = (outer & 1) == 0 ? Family::v4 : Family::v6;
        const Udp headers{.source = bench_.b.wan(family),
                          .destination = a.wan(family),
                          .source_port = TestGateway::kListenPort,
                          .destination_port = TestGateway::kListenPort,
                          .ds = static_cast<std::uint8_t>(outer >> 1)};
        bench_.receive(kWan, frame(a.mac(kWan), bench_.b.mac(kWan), udp_packet(headers, message.bytes)));
        run();
        const bool believed = message.authentic && counters_.accept(message.counter);
        check_plain_side(message, believed);
        empty_all();
        sent_.push_back(std::move(message));
    }

    void check_plain_side(const Message& message, bool believed) {
        const std::vector<Bytes> lan = bench_.a.take_lan();
        const std::vector<Bytes> host = bench_.a.take_host(TestGateway::kTunnelHost);
        promise(lan.size() + host.size() <= (believed ? 1U : 0U), "only what is authentic and new goes on");
        for (const Bytes& packet : lan) {
            promise(is_forwarded(without_congestion(message.plaintext), without_congestion(packet), 1),
                    "what is opened is what was sealed");
        }
        for (const auto* packets : {&lan, &host}) {
            for (const Bytes& packet : *packets)
                promise(is_from_peer(packet), "an inner source is the peer's");
        }
    }
    /// The outer packet may have met congestion.
    [[nodiscard]] static Bytes without_congestion(Bytes packet) {
        if (!dataplane::parse_ip(packet)) return packet;
        set_ds(packet, static_cast<std::uint8_t>(ds_of(packet) & ~3));
        return packet;
    }
    [[nodiscard]] bool is_from_peer(const Bytes& packet) const {
        const auto ip = dataplane::parse_ip(packet);
        if (!ip) return false;
        // 192.168.2.0/24 and fd00:2::/64.
        const std::size_t prefix = ip->family == Family::v4 ? 3 : 8;
        return std::equal(ip->source, ip->source + prefix, bench_.b.host(ip->family).bytes.begin());
    }

    void send_plain(std::span<const std::uint8_t> packet) {
        if (packet.empty()) return;
        bench_.receive(TestGateway::kLan,
                       frame(bench_.a.mac(TestGateway::kLan), bench_.a.host_mac(), packet));
        run();
        const std::vector<Bytes> arrived = bench_.b.take_lan();
        promise(arrived.size() <= 1, "a packet arrives once");
        for (const Bytes& there : arrived)
            promise(is_forwarded(Bytes(packet.begin(), packet.end()), there, 2),
                    "what is opened is what was sealed");
        empty_all();
    }

    /// Whatever came before: the next packet of the peer arrives.
    void check_honest() {
        meet();
        const Bytes packet = honest_packet();
        const Message message = seal(counters_.next(), packet);
        if (!counters_.accept(message.counter)) return;
        (void)bench_.a.receive(kWan, frame(bench_.a.mac(kWan), bench_.b.mac(kWan),
                                           udp_packet({.source = bench_.b.wan(Family::v4),
                                                       .destination = bench_.a.wan(Family::v4),
                                                       .source_port = TestGateway::kListenPort,
                                                       .destination_port = TestGateway::kListenPort},
                                                      message.bytes)));
        run();
        promise(bench_.a.take_lan() == std::vector<Bytes>{forwarded(packet)}, "an honest packet arrives");
        empty_all();
    }

    void run() {
        for (int quiet = 0; quiet < 2;)
            quiet = bench_.network.step() ? 0 : quiet + 1;
    }
    void empty_all() {
        for (TestGateway* gateway : {&bench_.a, &bench_.b}) {
            (void)gateway->take_lan();
            for (dataplane::HostIndex host = 0; host <= TestGateway::kTunnelHost; ++host)
                (void)gateway->take_host(host);
            promise(gateway->accounts_balance(), "every packet is accounted for");
            promise(gateway->plane().bundles_in_use() == 0, "every bundle comes back");
        }
    }

    SessionBench& bench_ = renew_bench();
    crypto::ReceiverIndex index_{};
    Counters counters_;
    std::vector<Message> sent_;
};

}  // namespace

void fuzz_transport(Input input) {
    static std::unique_ptr<TransportBench> bench;
    if (!bench || bench->is_worn()) bench = std::make_unique<TransportBench>();
    bench->feed(input);
}

}  // namespace ringway::tests
