#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "config/base64.h"
#include "crypto/x25519.h"
#include "tools/load/options.h"
#include "tools/load/settings.h"
#include "tools/load/test_keys.h"

namespace ringway::load {
namespace {

/// Raised by checks that look at several options; CLI11 prints it as it prints its own.
[[noreturn]] void refuse(const std::string& option, const std::string& what) {
    throw CLI::ValidationError(option, what);
}

IpAddress address_of(const std::string& option, const std::string& text) {
    if (const auto address = parse_address(text)) return *address;
    refuse(option, fmt::format("'{}' is not an IPv4 or IPv6 address", text));
}

IpPrefix prefix_of(const std::string& option, const std::string& text) {
    const auto prefix = text.find('/') == std::string::npos ? std::nullopt : parse_prefix(text);
    if (prefix) return *prefix;
    refuse(option, fmt::format("'{}' is not ADDRESS/LENGTH", text));
}

MacAddress mac_of(const std::string& option, const std::string& text) {
    MacAddress mac;
    int used = 0;
    if (std::sscanf(text.c_str(), "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2], &mac[3],
                    &mac[4], &mac[5], &used) != 6 ||
        used != static_cast<int>(text.size())) {
        refuse(option, fmt::format("'{}' is not a MAC address such as 02:00:00:00:00:01", text));
    }
    return mac;
}

void settle_addresses(LoadOptions& load, const RawOptions& raw) {
    load.gateway = address_of("--gateway", raw.gateway);
    load.cipher.own = prefix_of("--cipher-address", raw.cipher_address);
    load.cipher.next_hop =
        raw.cipher_next_hop.empty() ? load.gateway : address_of("--cipher-next-hop", raw.cipher_next_hop);
    if (!raw.cipher_mac.empty()) load.cipher.next_hop_mac = mac_of("--cipher-next-hop-mac", raw.cipher_mac);
    load.plain.own = prefix_of("--plain-address", raw.plain_address);
    load.plain.next_hop = address_of("--plain-next-hop", raw.plain_next_hop);
    if (!raw.plain_mac.empty()) load.plain.next_hop_mac = mac_of("--plain-next-hop-mac", raw.plain_mac);
    load.host = raw.host.empty() ? load.plain.own.address : address_of("--host", raw.host);
    load.peers.first_outer = address_of("--peer-address", raw.peer_address);
    load.peers.first_inner = address_of("--inner-address", raw.inner_address);
    load.plain.mtu = load.cipher.mtu;

    if (load.peers.first_outer.family != load.gateway.family)
        refuse("--peer-address", "is of another family than --gateway");
    if (load.peers.first_inner.family != load.host.family)
        refuse("--inner-address", "is of another family than the plain host (--host, --plain-address)");
    if (load.peers.first_port + load.peers.per_address - 1 > 65535)
        refuse("--peers-per-address", "goes beyond port 65535 from --peer-port on");
    constexpr std::uint64_t kMostFlows = 1'000'000;
    if (std::uint64_t{load.peers.count} * load.flows_per_peer > kMostFlows)
        refuse("--flows", fmt::format("more than {} flows in all", kMostFlows));
    const unsigned last_flow_port = kLoadPort + load.flows_per_peer - 1;
    if (load.peers.first_port <= last_flow_port && load.peers.first_port + load.peers.per_address > kLoadPort)
        refuse("--peer-port",
               fmt::format("ports {} to {} are those of the flows inside", kLoadPort, last_flow_port));
}

void settle_sizes(LoadOptions& load, const RawOptions& raw) {
    auto sizes = SizeMix::parse(raw.sizes);
    if (!sizes) refuse("--size", fmt::format("'{}' {}", raw.sizes, sizes.error()));
    load.sizes = std::move(*sizes);
    const std::size_t least = InnerHeaders(load.host, load.peers.first_inner).bytes() + kStampBytes;
    if (load.sizes.smallest() < least)
        refuse("--size",
               fmt::format("{} bytes are too few: headers and stamp take {}", load.sizes.smallest(), least));
    if (load.sizes.largest() > load.tunnel_mtu)
        refuse("--size", fmt::format("{} bytes are more than --tunnel-mtu", load.sizes.largest()));
    const std::size_t grown = load.tunnel_mtu + dataplane::outer_bytes(load.gateway.family) - kEthernetBytes +
                              crypto::kTransportMinimumBytes;
    if (grown > load.cipher.mtu)
        refuse("--tunnel-mtu",
               fmt::format("packets of {} bytes are {} outside, more than --mtu", load.tunnel_mtu, grown));
    load.stock_bytes = std::size_t{raw.prepare_mib} << 20;
}

void settle_keys(LoadOptions& load, const RawOptions& raw) {
    if (raw.gateway_key.empty()) {
        load.gateway_key = crypto::x25519_base(gateway_private_key(load.seed));
        return;
    }
    const auto key = config::decode_public_key(raw.gateway_key);
    if (!key) refuse("--gateway-key", "is not a key as 'wg pubkey' prints it");
    load.gateway_key.bytes = key->bytes;
}

/// "70:10:10:10", or fewer: those left out are none.
HandshakeShares shares_of(const std::string& text) {
    HandshakeShares shares{.valid = 0};
    int used = 0;
    const int count = std::sscanf(text.c_str(), "%lf%n:%lf%n:%lf%n:%lf%n", &shares.valid, &used,
                                  &shares.replayed, &used, &shares.random, &used, &shares.cookie, &used);
    const std::array all{shares.valid, shares.replayed, shares.random, shares.cookie};
    const bool sound = count >= 1 && used == static_cast<int>(text.size()) &&
                       std::ranges::all_of(all, [](double share) { return share >= 0 && share <= 1e6; }) &&
                       std::ranges::any_of(all, [](double share) { return share > 0; });
    if (!sound)
        refuse("--shares",
               fmt::format("'{}' is not up to four numbers with colons between, as 70:10:10:10", text));
    return shares;
}

void settle_load(Settings& settings, const RawOptions& raw) {
    settings.load.bare = raw.direction == "forward";
    if (raw.direction == "encrypt" || raw.direction == "both" || settings.load.bare)
        settings.directions.push_back(Direction::encrypt);
    if (raw.direction == "decrypt" || raw.direction == "both")
        settings.directions.push_back(Direction::decrypt);
    settings.load.initiates = !raw.responder;
    settings.shares = shares_of(raw.shares);
    const bool handshakes = settings.directions.empty();
    if (handshakes && !settings.load.initiates) refuse("--responder", "excludes --direction handshakes");
    if (handshakes && settings.rate == 0 && settings.shares.valid == 0)
        refuse("--shares", "without valid initiations there must be a --rate");
    if (settings.rate < 0) refuse("--rate", "is negative");
    if (settings.rate != 0 && settings.outstanding != 0) refuse("--outstanding", "excludes --rate");
    if (settings.outstanding == 0) settings.outstanding = 512;
    if (!raw.search) return;
    if (handshakes) refuse("--search", "excludes --direction handshakes");
    if (settings.rate != 0) refuse("--search", "excludes --rate");
    settings.search = {.max_loss = raw.max_loss_percent / 100,
                       .precision = raw.precision_percent / 100,
                       .most = raw.max_rate};
}

void settle(Settings& settings, const RawOptions& raw) {
    settle_addresses(settings.load, raw);
    settle_sizes(settings.load, raw);
    settle_keys(settings.load, raw);
    settle_load(settings, raw);
    if (settings.writes_list()) return;
    if (settings.load.cipher.device.empty())
        refuse("--cipher-port", "is required (or --write-config, --write-wg)");
}

}  // namespace

std::optional<int> read_command_line(int argc, char** argv, Settings& settings) {
    CLI::App app("Loads a WireGuard gateway: acts as its peers and as a host behind it, over DPDK ports.",
                 "ringway-load");
    app.get_formatter()->column_width(36);
    RawOptions raw;
    add_options(app, settings, raw);
    try {
        app.parse(argc, argv);
        settle(settings, raw);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "ringway-load: %s\n", error.what());
        return 2;
    }
    return std::nullopt;
}

}  // namespace ringway::load
