#pragma once

// What wg(8) reads from a tunnel and asks of it, as typed values. The text that carries them is
// WireGuard's cross-platform userspace protocol (www.wireguard.com/xplatform), version 1.

#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/keys.h"
#include "dataplane/ip_address.h"

namespace ringway::control {

/// Where a peer is reached. The port is never zero.
struct WgEndpoint {
    dataplane::IpAddress address;
    std::uint16_t port = 0;  ///< host order
    bool operator==(const WgEndpoint&) const = default;
};

/// One `allowed_ip` line. Bits beyond the prefix length are zero, whatever the client wrote.
struct WgAllowedIpChange {
    dataplane::IpPrefix prefix;
    bool remove = false;  ///< written `-PREFIX`: taken from this peer if it has it
    bool operator==(const WgAllowedIpChange&) const = default;
};

/// What a request says of one peer. An empty optional leaves that property as it is.
struct WgPeerChange {
    crypto::PublicKey public_key;
    bool remove = false;
    bool update_only = false;
    bool replace_allowed_ips = false;
    std::optional<crypto::PresharedKey> preshared_key;  ///< all zeros: none from now on
    std::optional<WgEndpoint> endpoint;
    std::optional<std::uint16_t> persistent_keepalive_seconds;  ///< 0: off
    std::vector<WgAllowedIpChange> allowed_ips;
};

/// A whole `set` request. No public key appears twice.
struct WgSetRequest {
    std::optional<crypto::PrivateKey> private_key;  ///< all zeros: none from now on
    std::optional<std::uint16_t> listen_port;       ///< 0: one of the gateway's choice
    std::optional<std::uint32_t> fwmark;            ///< 0: none
    bool replace_peers = false;
    std::vector<WgPeerChange> peers;
};

/// A peer as `get` shows it. Zero stands for none, never or off.
struct WgPeer {
    crypto::PublicKey public_key;
    crypto::PresharedKey preshared_key;
    std::optional<WgEndpoint> endpoint;
    std::uint64_t last_handshake_unix_nanoseconds = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t tx_bytes = 0;
    std::uint16_t persistent_keepalive_seconds = 0;
    std::vector<dataplane::IpPrefix> allowed_ips;
};

/// A tunnel as `get` shows it. Zero stands for none.
struct WgDevice {
    crypto::PrivateKey private_key;
    std::uint16_t listen_port = 0;
    std::uint32_t fwmark = 0;
    std::vector<WgPeer> peers;
};

/// A positive errno value. Zero is success.
using Errno = int;

/// The tunnels behind the sockets, implemented by the gateway. Called from WgSocketServer::process
/// only, on its thread, with requests that are complete and well formed.
class WgDeviceControl {
  public:
    virtual ~WgDeviceControl() = default;

    /// The tunnel's state now. Any error is passed on to the client.
    [[nodiscard]] virtual tl::expected<WgDevice, Errno> get(std::string_view tunnel) = 0;

    /// Applies the request, all of it or (returning an error) none of it. It means what it means to
    /// the kernel's WireGuard:
    /// - The device's own properties come first, then `replace_peers` removes every peer that there
    ///   is, then the peers follow in the order of the request. A peer that the request names again
    ///   with nothing changed keeps its session, also under `replace_peers`.
    /// - A private key that is new ends all sessions and makes a peer with the same public key as the
    ///   device silent: naming such a peer is no error and does nothing.
    /// - `remove` removes the peer if it exists; the rest of its entry then means nothing.
    ///   `update_only` skips a peer that does not exist. Otherwise an unknown peer is added.
    /// - `replace_allowed_ips` takes all allowed IPs from the peer before `allowed_ips` are given.
    ///   A prefix that another peer holds moves to this one; so does one that a later peer of the
    ///   same request names. Removing one that this peer does not hold does nothing.
    /// - A persistent keepalive that turns from off to on sends one keepalive at once.
    [[nodiscard]] virtual Errno set(std::string_view tunnel, WgSetRequest request) = 0;
};

}  // namespace ringway::control
