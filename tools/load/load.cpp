#include "tools/load/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dataplane/packet.h"

namespace ringway::load {

Load::Side::Side(unsigned number, const SideOptions& options, std::function<bool(const IpAddress&)> owns)
    : link(std::make_unique<Link>(number, options.device, options.mtu)),
      neighbours(link->mac(), options.own.address, options.next_hop, std::move(owns)) {
    if (options.next_hop_mac) neighbours.set_next_hop_mac(*options.next_hop_mac);
}

namespace {

Flows flows_of(const LoadOptions& options) {
    return {.peers = options.peers.count, .per_peer = options.flows_per_peer};
}

auto owner_of_outer(const LoadOptions& options) {
    return [own = options.cipher.own.address, peers = options.peers](const IpAddress& address) {
        return address == own || peers.owns_outer(address);
    };
}

auto owner_of_plain(const LoadOptions& options) {
    return [own = options.plain.own.address, host = options.host](const IpAddress& address) {
        return address == own || address == host;
    };
}

auto owner_of_both(const LoadOptions& options) {
    return [outer = owner_of_outer(options), plain = owner_of_plain(options)](const IpAddress& address) {
        return outer(address) || plain(address);
    };
}

}  // namespace

Load::Load(const LoadOptions& options, const dataplane::Clock& clock, crypto::Random& random,
           Nanoseconds unix_offset)
    : options_(options),
      clock_(clock),
      cipher_(0, options.cipher,
              options.plain.device.empty() ? std::function<bool(const IpAddress&)>(owner_of_both(options))
                                           : owner_of_outer(options)),
      plain_(options.plain.device.empty()
                 ? std::nullopt
                 : std::optional<Side>(std::in_place, 1U, options.plain, owner_of_plain(options))),
      peers_(options.peers, options.seed, options.preshared_keys, options.gateway_key),
      wire_(*cipher_.link, options.peers, options.gateway, options.gateway_port),
      handshaker_(peers_, wire_, random, unix_offset, options.handshakes_at_once),
      plain_source_("load-plain", *plain_side().link, encrypt_.counts, flows_of(options),
                    InnerHeaders(options.host, options.peers.first_inner), options.sizes, options.plain.mtu),
      cipher_source_("load-cipher", *cipher_.link, decrypt_.counts, flows_of(options),
                     InnerHeaders(options.peers.first_inner, options.host), options.sizes, peers_, wire_,
                     options.stock_bytes, options.cipher.mtu, options.tunnel_mtu),
      plain_sink_(flows_of(options),
                  InnerCheck(flows_of(options), options.host, options.peers.first_inner, options.bare),
                  options.bare ? nullptr : &cipher_source_, plain_state().counts, plain_state().latency,
                  options.check_every),
      cipher_sink_(flows_of(options),
                   InnerCheck(flows_of(options), options.host, options.peers.first_inner, true), peers_,
                   handshaker_, encrypt_.counts, encrypt_.latency, options.check_every),
      to_peers_(options.host, options.peers.first_inner) {
    handshaker_.set_initiates(options.initiates);
    if (options.bare) plain_source_.set_next_hop(cipher_.link->mac());
}

Load::~Load() {
    // A device may still hold packets: it gives them back while their pools are there.
    cipher_.link.reset();
    if (plain_) plain_->link.reset();
}

Nanoseconds Load::poll() {
    poll(cipher_);
    if (plain_) poll(*plain_);
    const Nanoseconds now = clock_.now();
    handshaker_.run(now);
    (void)cipher_.link->flush();
    if (plain_) (void)plain_->link->flush();
    return now;
}

void Load::poll(Side& side) {
    std::array<rte_mbuf*, Link::kBurst> frames;
    const std::uint16_t count = side.link->receive(frames);
    if (count == 0) return;
    const Nanoseconds now = clock_.now();
    side.counts.frames += count;
    constexpr std::uint16_t kAhead = 4;
    for (std::uint16_t i = 0; i < std::min(count, kAhead); ++i)
        rte_prefetch0(dataplane::data(frames[i]));
    std::uint16_t done = 0;
    for (std::uint16_t i = 0; i < count; ++i) {
        if (i + kAhead < count) rte_prefetch0(dataplane::data(frames[i + kAhead]));
        if (!take(side, frames[i], now)) frames[done++] = frames[i];
    }
    rte_pktmbuf_free_bulk(frames.data(), done);
    cipher_sink_.finish(now);
}

bool Load::take(Side& side, rte_mbuf* frame, Nanoseconds now) {
    const std::span<const std::uint8_t> bytes(dataplane::data(frame), frame->data_len);
    if (frame->nb_segs == 1 && bytes.size() > kEthernetBytes) {
        if (const auto udp = parse_udp(bytes.subspan(kEthernetBytes))) {
            const int peer_port = udp->destination_port - options_.peers.first_port;
            if (udp->source_port == options_.gateway_port && peer_port >= 0 &&
                peer_port < static_cast<int>(options_.peers.per_address) && udp->payload_bytes != 0) {
                return take_message(side, frame, *udp, now);
            }
            if (InnerCheck::is_ours(*udp)) {
                plain_sink_.take(*udp, now);
                return false;
            }
        }
    }
    take_other(side, bytes);
    return false;
}

bool Load::take_message(Side& side, rte_mbuf* frame, const UdpView& udp, Nanoseconds now) {
    if (udp.payload[0] == static_cast<std::uint8_t>(crypto::MessageType::transport)) {
        bool kept = false;
        std::uint8_t* message = dataplane::data(frame) + (udp.payload - dataplane::data(frame));
        switch (cipher_sink_.take(frame, message, udp.payload_bytes, now, kept)) {
            case CipherSink::Taken::data:
                break;
            case CipherSink::Taken::keepalive:
                ++side.counts.keepalives;
                break;
            case CipherSink::Taken::foreign:
                ++side.counts.foreign;
                break;
        }
        return kept;
    }
    const auto destination = IpAddress::from_wire(udp.family, udp.destination);
    if (const auto peer = options_.peers.peer_at(destination, udp.destination_port)) {
        ++side.counts.handshakes;
        cipher_sink_.finish(now);  // what is kept refers to sessions of before
        handshaker_.take(*peer, {udp.payload, udp.payload_bytes}, now);
    } else {
        ++side.counts.foreign;
    }
    return false;
}

void Load::take_other(Side& side, std::span<const std::uint8_t> frame) {
    const auto answer = side.neighbours.take(frame);
    if (!answer) {
        ++side.counts.foreign;
        return;
    }
    ++side.counts.neighbours;
    if (!answer->empty()) (void)side.link->send(*answer);
    if (!knows_next_hops_) learn_next_hops();
}

void Load::learn_next_hops() {
    const auto& cipher = cipher_.neighbours.next_hop_mac();
    const auto& plain = plain_side().neighbours.next_hop_mac();
    if (!cipher || !plain) return;
    wire_.set_next_hop(*cipher);
    plain_source_.set_next_hop(*plain);
    knows_next_hops_ = true;
}

std::string Load::missing_below() const {
    if (!cipher_.link->is_up()) return fmt::format("the link of {} is down", cipher_.link->device());
    if (plain_ && !plain_->link->is_up())
        return fmt::format("the link of {} is down", plain_->link->device());
    if (options_.bare) return "";
    for (const Side* side : {&cipher_, plain_ ? &*plain_ : nullptr}) {
        if (side != nullptr && !side->neighbours.next_hop_mac()) {
            return fmt::format("{} does not answer on {}", side->neighbours.next_hop().to_string(),
                               side->link->device());
        }
    }
    return "";
}

std::string Load::missing() const {
    if (const std::string below = missing_below(); !below.empty()) return below;
    if (!options_.bare && handshaker_.ready() < peers_.count()) {
        return fmt::format("{} of {} peers have a session", handshaker_.ready(), peers_.count());
    }
    return "";
}

void Load::ask_below() {
    for (Side* side : {&cipher_, plain_ ? &*plain_ : nullptr}) {
        if (side != nullptr && side->link->is_up() && !side->neighbours.next_hop_mac())
            (void)side->link->send(side->neighbours.question());
    }
    learn_next_hops();
}

void Load::ask() {
    if (options_.bare) return;
    ask_below();
    if (!knows_next_hops_ || handshaker_.ready() == peers_.count()) return;
    if (options_.initiates) {
        if (!handshaker_.is_busy()) renew(~Nanoseconds{0});
    } else {
        wake_gateway();
    }
}

void Load::renew(Nanoseconds max_age) {
    if (options_.bare) return;
    handshaker_.renew(clock_.now(), max_age);
}

/// Packets without a payload to peers that have no session, so that the gateway asks for one.
void Load::wake_gateway() {
    constexpr unsigned kAtOnce = 256;
    std::array<std::uint8_t, kEthernetBytes + 48> frame{};
    const MacAddress to = plain_side().neighbours.next_hop_mac().value();
    const EthernetHeader ethernet{
        to, plain_side().link->mac(),
        Be16(to_peers_.family() == Family::v4 ? dataplane::kEtherTypeIpv4 : dataplane::kEtherTypeIpv6)};
    std::memcpy(frame.data(), &ethernet, sizeof(ethernet));
    unsigned woken = 0;
    for (PeerNumber peer = 0; peer < peers_.count() && woken < kAtOnce; ++peer) {
        if (peers_.sending(peer) != nullptr) continue;
        to_peers_.write(frame.data() + kEthernetBytes, static_cast<std::uint16_t>(to_peers_.bytes()), 0, peer,
                        kLoadPort);
        (void)plain_side().link->send({frame.data(), kEthernetBytes + to_peers_.bytes()});
        ++woken;
    }
}

}  // namespace ringway::load
