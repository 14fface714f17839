#include "tests/hostile/picture.h"

#include <fmt/format.h>

#include <cstring>

namespace ringway::tests {
namespace {

PeerPicture picture_of(TestGateway& gateway, PeerIndex index) {
    const dataplane::Peer& peer = gateway.plane().peers[index];
    PeerPicture out;
    out.endpoint = peer.endpoint.read();
    out.endpoint_sequence = peer.endpoint.sequence();
    out.outbound = peer.outbound.glance();
    out.passed = {peer.rx_packets.get(), peer.rx_bytes.get(), peer.tx_packets.get(), peer.tx_bytes.get()};
    out.stamps = {peer.stamps.unanswered_since.load(), peer.stamps.keepalive_owed_since.load(),
                  peer.stamps.last_traversal.load()};
    out.drops = peer.drops.count();
    const auto status = gateway.core().engine().status(index);
    if (!status) return out;
    const auto id = [](const auto& session) { return session ? session->id : control::protocol::kNoSession; };
    out.sessions = {id(status->previous), id(status->current), id(status->next)};
    out.handshake_under_way = status->handshake_under_way;
    return out;
}

/// What of a peer has changed, but for its drops.
std::string change_of(const PeerPicture& before, const PeerPicture& after) {
    if (before.endpoint != after.endpoint || before.endpoint_sequence != after.endpoint_sequence)
        return "its endpoint";
    if (!(before.outbound == after.outbound)) return "its sending key or counter";
    if (before.passed != after.passed) return "what passed of it";
    if (before.stamps != after.stamps) return "its time stamps";
    if (before.sessions != after.sessions) return "its sessions";
    if (before.handshake_under_way != after.handshake_under_way) return "its handshake";
    return "";
}

std::string change_of(const KeypairPicture& before, const KeypairPicture& after) {
    static_assert(std::has_unique_object_representations_v<dataplane::ReplayWindow>);
    if (before.peer != after.peer) return "whose it is";
    if (before.confirmed != after.confirmed) return "its confirmation";
    if (std::memcmp(&before.replay, &after.replay, sizeof(before.replay)) != 0) return "its replay window";
    return "";
}

std::string change_of(const dataplane::Totals& before, const dataplane::Totals& after, const Effect& effect) {
    const auto compare = [](const char* what, std::uint64_t was, std::uint64_t is, std::uint64_t more) {
        return is == was + more ? "" : fmt::format("{} rose by {}, not {}", what, is - was, more);
    };
    for (const std::string& change :
         {compare("in", before.in, after.in, effect.packets),
          compare("from_host", before.from_host, after.from_host, 0),
          compare("made_here", before.made_here, after.made_here, effect.answers),
          compare("out", before.out, after.out, effect.answers + effect.passed),
          compare("to_host", before.to_host, after.to_host, effect.to_host),
          compare("consumed", before.consumed, after.consumed, effect.consumed)}) {
        if (!change.empty()) return change;
    }
    for (std::size_t i = 0; i < dataplane::kDropReasons; ++i) {
        const auto reason = static_cast<DropReason>(i);
        const std::uint64_t more = effect.drop == reason ? effect.dropped : 0;
        const std::string change =
            compare(std::string(name(reason)).c_str(), before.drops[i], after.drops[i], more);
        if (!change.empty()) return change;
    }
    return "";
}

}  // namespace

Picture Picture::of(TestGateway& gateway) {
    Picture out;
    dataplane::Dataplane& plane = gateway.plane();
    out.totals = gateway.totals();
    for (std::size_t i = 0; i < plane.options.max_peers; ++i)
        out.peers.push_back(picture_of(gateway, static_cast<PeerIndex>(i)));
    for (const dataplane::Keypair& keypair : plane.keypairs)
        out.keypairs.push_back({keypair.peer, keypair.confirmed.load(), keypair.replay});
    out.free_indices = plane.indices.free_count();
    out.in_flight = plane.in_flight();
    out.bundles = plane.bundles_in_use();
    out.packets = gateway.packets_in_use();
    out.next_deadline = gateway.core().engine().next_deadline();
    return out;
}

std::string difference(const Picture& before, const Picture& after, const Effect& effect) {
    std::string change = change_of(before.totals, after.totals, effect);
    if (!change.empty()) return change;
    std::uint64_t peer_drops = 0;
    for (std::size_t i = 0; i < before.peers.size(); ++i) {
        peer_drops += after.peers[i].drops - before.peers[i].drops;
        if (i == effect.authentic) continue;
        change = change_of(before.peers[i], after.peers[i]);
        if (!change.empty()) return fmt::format("of peer {}: {} changed", i, change);
    }
    if (peer_drops > effect.dropped) return fmt::format("peers count {} drops", peer_drops);
    for (std::size_t i = 0; i < before.keypairs.size(); ++i) {
        if (before.keypairs[i].peer == effect.authentic || after.keypairs[i].peer == effect.authentic)
            continue;
        change = change_of(before.keypairs[i], after.keypairs[i]);
        if (!change.empty()) return fmt::format("of session {}: {} changed", i, change);
    }
    if (before.in_flight != after.in_flight + effect.released) return "packets stayed under way";
    if (before.bundles != after.bundles) return "bundles stayed in use";
    if (before.packets != after.packets + effect.released) return "packets were kept";
    if (effect.handshake) return "";
    if (before.free_indices != after.free_indices) return "receiver indices were taken or given";
    const bool timers_may_change = effect.authentic != dataplane::kNoPeer;
    if (!timers_may_change && before.next_deadline != after.next_deadline) return "a timer changed";
    return "";
}

}  // namespace ringway::tests
