#include "tools/load/peer_list.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <iterator>

#include "config/base64.h"
#include "tools/load/peers.h"
#include "tools/load/test_keys.h"

namespace ringway::load {
namespace {

constexpr std::string_view kWarning =
    "# Written by ringway-load. Its keys follow from a seed: for tests only.\n";

/// The smallest prefix around an address and those behind it.
IpPrefix around(const IpAddress& first, std::uint32_t count) {
    IpPrefix prefix{first, static_cast<std::uint8_t>(first.size() * 8)};
    const IpAddress last = plus(first, count - 1);
    while (!contains(prefix, last)) {
        --prefix.length;
        prefix.address.bytes[prefix.length / 8] &= static_cast<std::uint8_t>(~(0x80U >> prefix.length % 8));
    }
    return prefix;
}

std::string endpoint(const IpAddress& address, std::uint16_t port) {
    const std::string text = address.to_string();
    return address.family == Family::v4 ? fmt::format("{}:{}", text, port)
                                        : fmt::format("[{}]:{}", text, port);
}

std::string whole(const IpAddress& address) {
    return fmt::format("{}/{}", address.to_string(), 8 * address.size());
}

/// What both forms say of each peer. All texts are plain.
template <typename Write>
void for_each_peer(const LoadOptions& options, const Write& write) {
    const Peers peers(options.peers, options.seed, options.preshared_keys, options.gateway_key);
    for (PeerNumber i = 0; i < peers.count(); ++i) {
        const crypto::PresharedKey& preshared = peers[i].gateway.preshared_key;
        write(i, config::base64_encode(peers[i].local.public_key.bytes),
              options.preshared_keys ? config::base64_encode(preshared.span()) : "",
              options.initiates ? "" : endpoint(options.peers.outer(i), options.peers.port(i)),
              whole(options.peers.inner(i)));
    }
}

std::string gateway_key(const LoadOptions& options) {
    return config::base64_encode(gateway_private_key(options.seed).span());
}

}  // namespace

void write_config(std::ostream& out, const LoadOptions& options, const GatewayDevices& devices) {
    const std::uint32_t room = options.peers.count + 16;
    out << kWarning;
    fmt::print(out, "system: {{memory: 256, hugepages: auto, idle: spin, max_peers: {}}}\n", room);
    fmt::print(out, "ports:\n");
    const auto port = [&](std::string_view name, const std::string& device, const IpAddress& own,
                          unsigned length) {
        fmt::print(out,
                   "  - name: {}\n    device: \"{}\"\n    mtu: {}\n    host: {{addresses: [\"{}/{}\"]}}\n",
                   name, device, options.cipher.mtu, own.to_string(), length);
    };
    port("wan", devices.cipher, options.cipher.next_hop, options.cipher.own.length);
    port("lan", devices.plain, options.plain.next_hop, options.plain.own.length);
    const IpPrefix outside = around(options.peers.first_outer, options.peers.addresses());
    const bool on_link = contains(options.cipher.own, options.peers.first_outer);
    if (!on_link) {
        fmt::print(out, "routes:\n  - {{to: \"{}\", via: \"{}\"}}\n", outside.to_string(),
                   options.cipher.own.address.to_string());
    }
    fmt::print(out, "tunnels:\n  - name: wg0\n    private_key: \"{}\"\n    listen_port: {}\n    mtu: {}\n",
               gateway_key(options), options.gateway_port, options.tunnel_mtu);
    fmt::print(out, "    peers:\n");
    for_each_peer(options, [&](PeerNumber, const std::string& key, const std::string& preshared,
                               const std::string& outer, const std::string& inner) {
        fmt::print(out, "      - {{public_key: \"{}\", allowed_ips: [\"{}\"]", key, inner);
        if (!preshared.empty()) fmt::print(out, ", preshared_key: \"{}\"", preshared);
        if (!outer.empty()) fmt::print(out, ", endpoint: \"{}\"", outer);
        fmt::print(out, "}}\n");
    });
    fmt::print(out, "rest: {{listen: off}}\nconsole: {{stdio: false, socket: \"\"}}\nwg_socket: true\n");
}

void write_wg(std::ostream& out, const LoadOptions& options) {
    out << kWarning;
    fmt::print(out, "# Peers are outside at {}, inside at {}.\n",
               around(options.peers.first_outer, options.peers.addresses()).to_string(),
               around(options.peers.first_inner, options.peers.count).to_string());
    fmt::print(out, "[Interface]\nPrivateKey = {}\nListenPort = {}\n", gateway_key(options),
               options.gateway_port);
    for_each_peer(options, [&](PeerNumber, const std::string& key, const std::string& preshared,
                               const std::string& outer, const std::string& inner) {
        fmt::print(out, "\n[Peer]\nPublicKey = {}\nAllowedIPs = {}\n", key, inner);
        if (!preshared.empty()) fmt::print(out, "PresharedKey = {}\n", preshared);
        if (!outer.empty()) fmt::print(out, "Endpoint = {}\n", outer);
    });
}

}  // namespace ringway::load
