#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "control/wg_socket/device.h"

namespace ringway::control::test {

/// A gateway of one tunnel that keeps what it is told, by the rules of WgDeviceControl::set.
class FakeGateway final : public WgDeviceControl {
  public:
    explicit FakeGateway(std::string tunnel) : tunnel_(std::move(tunnel)) {}

    tl::expected<WgDevice, Errno> get(std::string_view tunnel) override {
        ++gets;
        if (tunnel != tunnel_) return tl::unexpected(ENODEV);
        if (next_error != 0) return tl::unexpected(std::exchange(next_error, 0));
        return copy();
    }

    Errno set(std::string_view tunnel, WgSetRequest request) override {
        ++sets;
        if (tunnel != tunnel_) return ENODEV;
        if (next_error != 0) return std::exchange(next_error, 0);
        if (request.private_key) device.private_key = std::move(*request.private_key);
        device.listen_port = request.listen_port.value_or(device.listen_port);
        device.fwmark = request.fwmark.value_or(device.fwmark);
        if (request.replace_peers) device.peers.clear();
        for (WgPeerChange& change : request.peers)
            apply(std::move(change));
        return 0;
    }

    WgDevice device;
    Errno next_error = 0;
    int gets = 0;
    int sets = 0;

  private:
    void apply(WgPeerChange change) {
        auto& peers = device.peers;
        if (change.remove) {
            std::erase_if(peers, [&](const WgPeer& peer) { return peer.public_key == change.public_key; });
            return;
        }
        auto peer = std::ranges::find(peers, change.public_key, &WgPeer::public_key);
        if (peer == peers.end()) {
            if (change.update_only) return;
            peer = peers.insert(peers.end(), WgPeer{.public_key = change.public_key});
        }
        if (change.preshared_key) peer->preshared_key = std::move(*change.preshared_key);
        if (change.endpoint) peer->endpoint = change.endpoint;
        peer->persistent_keepalive_seconds =
            change.persistent_keepalive_seconds.value_or(peer->persistent_keepalive_seconds);
        if (change.replace_allowed_ips) peer->allowed_ips.clear();
        for (const WgAllowedIpChange& allowed : change.allowed_ips) {
            if (allowed.remove) {
                std::erase(peer->allowed_ips, allowed.prefix);
                continue;
            }
            for (WgPeer& other : peers)
                std::erase(other.allowed_ips, allowed.prefix);
            peer->allowed_ips.push_back(allowed.prefix);
        }
    }

    [[nodiscard]] WgDevice copy() const {
        WgDevice out{.private_key = device.private_key.copy(),
                     .listen_port = device.listen_port,
                     .fwmark = device.fwmark};
        for (const WgPeer& peer : device.peers) {
            out.peers.push_back(
                WgPeer{.public_key = peer.public_key,
                       .preshared_key = peer.preshared_key.copy(),
                       .endpoint = peer.endpoint,
                       .last_handshake_unix_nanoseconds = peer.last_handshake_unix_nanoseconds,
                       .rx_bytes = peer.rx_bytes,
                       .tx_bytes = peer.tx_bytes,
                       .persistent_keepalive_seconds = peer.persistent_keepalive_seconds,
                       .allowed_ips = peer.allowed_ips});
        }
        return out;
    }

    std::string tunnel_;
};

}  // namespace ringway::control::test
