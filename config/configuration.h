#pragma once

// A whole configuration, checked: what the loader hands out holds every rule of load.h. Field names
// and defaults are those of the YAML; an initialiser below is the value of a key left out.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/address.h"
#include "config/endpoint.h"
#include "config/key.h"
#include "config/text_digest.h"

namespace ringway::config {

/// How the packet memory is backed. `automatic` (auto): huge pages when the machine has them.
enum class Hugepages : std::uint8_t { automatic, required, off };
/// What an lcore without work does: burn its CPU, or back off.
enum class Idle : std::uint8_t { spin, adaptive };
/// Who seals and opens packets. `automatic` (auto): what this CPU does fastest; the named instruction
/// sets: that one, with IPsec-MB for bursts at which it is slower.
enum class Aead : std::uint8_t { automatic, ipsec_mb, avx512, avx2 };
enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogTarget : std::uint8_t { standard_error, journal, file };
/// Decrypted packets leave by the dataplane, or both directions pass the host stack and its firewall.
enum class Forward : std::uint8_t { fast, host };
/// The DF bit of outer IPv4 headers.
enum class DontFragment : std::uint8_t { clear, set };

struct Log {
    LogLevel level = LogLevel::info;
    LogTarget target = LogTarget::standard_error;
    std::filesystem::path file;  ///< only with LogTarget::file

    bool operator==(const Log&) const = default;
};

/// Packets a second for the host itself, of each class and host interface; 0: no limit.
struct HostLimits {
    /// Each may become an entry of the kernel's neighbour table, which holds 1024 unless told otherwise and
    /// keeps one for five seconds at least: more than this fills it, and new neighbours find no place.
    std::uint32_t arp = 100;
    std::uint32_t nd = 100;
    std::uint32_t icmp = 1000;  ///< with ICMPv6, but for neighbour discovery
    std::uint32_t bgp = 10000;
    std::uint32_t other = 0;

    bool operator==(const HostLimits&) const = default;
};

struct System {
    std::uint32_t memory = 1024;  ///< MiB of packet memory
    Hugepages hugepages = Hugepages::automatic;
    Idle idle = Idle::spin;
    Aead aead = Aead::automatic;
    std::uint32_t max_peers = 10000;  ///< of all tunnels together, peers added live included
    HostLimits host_limits;
    Log log;

    bool operator==(const System&) const = default;
};

/// CPU numbers per role. No CPU twice in a role; rx, crypto and tx have one at least; all exist. A
/// CPU may hold several of rx, crypto and tx. `control` shares none with them unless every CPU polls.
struct Lcores {
    std::vector<std::uint32_t> control;  ///< empty when left out: the CPUs that do not poll, if any
    std::vector<std::uint32_t> rx;
    std::vector<std::uint32_t> crypto;
    std::vector<std::uint32_t> tx;

    bool operator==(const Lcores&) const = default;
};

/// The TAP of a port or the TUN of a tunnel, through which the host stack sees it.
struct HostInterface {
    std::string interface;          ///< a port's default is "rw-" and its name; a tunnel's is its name
    std::string netns;              ///< as in ip-netns(8); empty: the gateway's own
    std::vector<Prefix> addresses;  ///< with their host bits

    bool operator==(const HostInterface&) const = default;
};

struct Port {
    std::string name;                     ///< unique among ports
    std::string device;                   ///< PCI address or DPDK device string
    std::optional<std::uint16_t> queues;  ///< rx queues; nothing: auto
    std::uint16_t mtu = 1500;             ///< bytes of an IP packet
    HostInterface host;
    std::uint32_t line = 0;  ///< where the file names it

    bool operator==(const Port&) const = default;
};

/// A route of the host stack that the gateway puts there. `to` has no host bits.
struct Route {
    Prefix to;
    Address via;             ///< of the same family
    std::uint32_t line = 0;  ///< where the file names it

    bool operator==(const Route&) const = default;
};

struct Peer {
    std::string name;  ///< unique in the tunnel and never to be read as a key; may be empty
    PublicKey public_key;
    std::optional<SecretKey> preshared_key;
    std::optional<Endpoint> endpoint;
    std::vector<Prefix> allowed_ips;         ///< masked, none twice in a tunnel
    std::uint16_t persistent_keepalive = 0;  ///< seconds; 0: off
    std::uint32_t line = 0;                  ///< where the file names it

    /// With its preshared key.
    [[nodiscard]] Peer copy() const {
        return {.name = name,
                .public_key = public_key,
                .preshared_key = preshared_key ? std::optional(preshared_key->copy()) : std::nullopt,
                .endpoint = endpoint,
                .allowed_ips = allowed_ips,
                .persistent_keepalive = persistent_keepalive,
                .line = line};
    }
};

struct Tunnel {
    std::string name;  ///< unique among tunnels; its host interface and wg(8) socket bear it too
    SecretKey private_key;
    PublicKey public_key;           ///< of private_key
    std::uint16_t listen_port = 0;  ///< 1..65535, unique in the outer namespace; no default
    std::uint16_t mtu = 1420;       ///< bytes of an inner IP packet
    std::uint32_t fwmark = 0;       ///< of the outer route look-up; 0: none
    std::uint32_t table = 0;        ///< of the outer route look-up; 0: as the rules say
    HostInterface host;
    Forward forward = Forward::fast;
    bool peer_to_peer = true;  ///< may one peer reach another through the gateway
    std::string outer_netns;   ///< outer.netns: of the ports and routes that carry the encrypted side
    DontFragment df = DontFragment::clear;
    bool route_allowed_ips = true;  ///< put routes for allowed IPs to the host interface
    std::vector<Peer> peers;        ///< in the file's order
    std::uint32_t line = 0;         ///< where the file names it
};

/// Empty paths: not configured. A file that is named exists and can be read.
struct Tls {
    std::filesystem::path certificate;  ///< PEM; with `key`, or neither
    std::filesystem::path key;          ///< PEM
    std::filesystem::path client_ca;    ///< PEM; clients must show a certificate it signed

    bool operator==(const Tls&) const = default;
};

struct Rest {
    /// Nothing (`listen: off`): no REST. Beyond loopback only with TLS and a token or client_ca.
    std::optional<SocketAddress> listen =
        SocketAddress{.address = {.family = Family::v4, .bytes = {127, 0, 0, 1}}, .port = 8080};
    std::filesystem::path token_file;  ///< empty: no token
    Tls tls;

    bool operator==(const Rest&) const = default;
};

struct Console {
    bool stdio = true;
    std::filesystem::path socket = "/run/ringway/console.sock";  ///< absolute; empty: none

    bool operator==(const Console&) const = default;
};

struct Configuration {
    System system;
    std::optional<Lcores> lcores;  ///< nothing: auto
    std::vector<Port> ports;       ///< at least one
    std::vector<Route> routes;
    std::vector<Tunnel> tunnels;
    Rest rest;
    Console console;
    bool wg_socket = true;  ///< serve the wg(8) socket of each tunnel
    TextDigest digest;      ///< of the text that it was read from
    /// A key, token or certificate file belongs to another user than this process runs as.
    bool files_of_others = false;
};

}  // namespace ringway::config
