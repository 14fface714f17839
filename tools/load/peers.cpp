#include "tools/load/peers.h"

#include <algorithm>

#include "crypto/x25519_batch.h"
#include "tools/load/test_keys.h"

namespace ringway::load {

Peers::Peers(const PeerNumbering& numbering, std::uint64_t seed, bool preshared_keys,
             const crypto::PublicKey& gateway)
    : numbering_(numbering), sessions_(std::size_t{numbering.count} * kSlots) {
    peers_.reserve(numbering.count);
    for (PeerNumber i = 0; i < numbering.count; ++i) {
        peers_.push_back({.local = {.private_key = peer_private_key(seed, i), .public_key = {}},
                          .gateway = {.public_key = gateway,
                                      .preshared_key = preshared_keys ? peer_preshared_key(seed, i)
                                                                      : crypto::PresharedKey(),
                                      .static_static = {},
                                      .usable = false},
                          .macs = crypto::CookieHolder(gateway),
                          .handshake = {},
                          .last_timestamp = {}});
    }
    constexpr std::size_t kBatch = 64;
    std::vector<crypto::X25519Job> jobs;
    for (std::size_t first = 0; first < peers_.size(); first += kBatch) {
        jobs.clear();
        const std::size_t end = std::min(first + kBatch, peers_.size());
        for (std::size_t i = first; i < end; ++i) {
            Peer& peer = peers_[i];
            jobs.push_back(crypto::X25519Job::base(peer.local.public_key, peer.local.private_key));
            jobs.push_back(
                crypto::X25519Job::shared(peer.gateway.static_static, peer.local.private_key, gateway));
        }
        crypto::x25519_batch(jobs);
        for (std::size_t i = first; i < end; ++i)
            peers_[i].gateway.usable = !peers_[i].gateway.static_static.is_zero();
    }
}

}  // namespace ringway::load
