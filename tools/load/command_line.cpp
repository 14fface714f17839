#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>

#include "config/base64.h"
#include "crypto/x25519.h"
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

/// The options as text and numbers, before they are made sense of together.
struct Raw {
    std::string direction = "encrypt";
    std::string sizes = "64";
    std::string cipher_address = "192.0.2.2/24";
    std::string cipher_next_hop;
    std::string cipher_mac;
    std::string gateway = "192.0.2.1";
    std::string gateway_key;
    std::string plain_address = "10.0.0.2/24";
    std::string plain_next_hop = "10.0.0.1";
    std::string plain_mac;
    std::string host;
    std::string peer_address = "198.18.0.1";
    std::string inner_address = "10.64.0.1";
    std::uint32_t prepare_mib = 64;
};

void add_options(CLI::App& app, Settings& settings, Raw& raw) {
    LoadOptions& load = settings.load;
    const CLI::AsNumberWithUnit thousands(std::map<std::string, double>{{"k", 1e3}, {"M", 1e6}},
                                          CLI::AsNumberWithUnit::CASE_SENSITIVE, "PACKETS/S");

    const char* group = "Ports";
    app.add_option("--cipher-port", load.cipher.device,
                   "device on the gateway's encrypted side, as DPDK writes it")
        ->type_name("DEVICE")
        ->group(group);
    app.add_option("--plain-port", load.plain.device, "device on its plain side; left out: the same one")
        ->type_name("DEVICE")
        ->group(group);
    app.add_option("--mtu", load.cipher.mtu, "of both ports, in bytes of an IP packet")
        ->check(CLI::Range(576, 9600))
        ->capture_default_str()
        ->group(group);
    app.add_option("--cpu", settings.cpu, "the CPU to poll on; left out: wherever the kernel puts it")
        ->group(group);
    app.add_option("--memory", settings.memory_mib, "MiB for DPDK")
        ->check(CLI::Range(64, 65536))
        ->capture_default_str()
        ->group(group);

    group = "Encrypted side";
    app.add_option("--gateway", raw.gateway, "the gateway's outer address")
        ->type_name("ADDRESS")
        ->capture_default_str()
        ->group(group);
    app.add_option("--gateway-port", load.gateway_port, "and its UDP port")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str()
        ->group(group);
    app.add_option("--gateway-key", raw.gateway_key,
                   "its public key in base64; left out: the one of a list we wrote")
        ->type_name("KEY")
        ->group(group);
    app.add_option("--cipher-address", raw.cipher_address, "our address on the link: the peers' router")
        ->type_name("ADDRESS/LENGTH")
        ->capture_default_str()
        ->group(group);
    app.add_option("--cipher-next-hop", raw.cipher_next_hop,
                   "where the link leads to the gateway; left out: the gateway itself")
        ->type_name("ADDRESS")
        ->group(group);
    app.add_option("--cipher-next-hop-mac", raw.cipher_mac, "its MAC address; left out: it is asked for")
        ->type_name("MAC")
        ->group(group);

    group = "Plain side";
    app.add_option("--plain-address", raw.plain_address, "our address on the link")
        ->type_name("ADDRESS/LENGTH")
        ->capture_default_str()
        ->group(group);
    app.add_option("--host", raw.host, "the plain end of all flows; left out: --plain-address")
        ->type_name("ADDRESS")
        ->group(group);
    app.add_option("--plain-next-hop", raw.plain_next_hop, "the gateway's address on the link")
        ->type_name("ADDRESS")
        ->capture_default_str()
        ->group(group);
    app.add_option("--plain-next-hop-mac", raw.plain_mac, "its MAC address; left out: it is asked for")
        ->type_name("MAC")
        ->group(group);

    group = "Peers";
    app.add_option("--peers", load.peers.count, "how many")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str()
        ->group(group);
    app.add_option("--seed", load.seed, "all keys follow from it: they are for tests only")
        ->capture_default_str()
        ->group(group);
    app.add_flag("--preshared-keys", load.preshared_keys, "each peer has one")->group(group);
    app.add_option("--peer-address", raw.peer_address, "outer address of the first; the others follow")
        ->type_name("ADDRESS")
        ->capture_default_str()
        ->group(group);
    app.add_option("--peer-port", load.peers.first_port, "UDP port of the first")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str()
        ->group(group);
    app.add_option("--peers-per-address", load.peers.per_address,
                   "so many share an address, by ports one after another")
        ->check(CLI::Range(1, 60000))
        ->capture_default_str()
        ->group(group);
    app.add_option("--inner-address", raw.inner_address,
                   "address inside the tunnel of the first; the others follow")
        ->type_name("ADDRESS")
        ->capture_default_str()
        ->group(group);
    app.add_flag("!--responder", load.initiates,
                 "the gateway begins all handshakes; it is woken by plain packets")
        ->group(group);
    app.add_option("--handshakes-at-once", load.handshakes_at_once, "unanswered initiations at most")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str()
        ->group(group);
    app.add_option("--connect", settings.connect_seconds,
                   "seconds to wait for links, neighbours and sessions")
        ->capture_default_str()
        ->group(group);

    group = "Load";
    app.add_option("--direction", raw.direction, "encrypt: plain in, sealed out; decrypt: the reverse; both")
        ->check(CLI::IsMember({"encrypt", "decrypt", "both"}))
        ->capture_default_str()
        ->group(group);
    app.add_option("--size", raw.sizes, "bytes of inner IP packets: 64, or 64:7,594:4,1420:1, which is imix")
        ->type_name("SIZES")
        ->capture_default_str()
        ->group(group);
    app.add_option("--flows", load.flows_per_peer, "of each peer")
        ->check(CLI::Range(1, 40000))
        ->capture_default_str()
        ->group(group);
    app.add_option("--rate", settings.rate, "offer so many packets a second in each direction: 800k, 1.5M")
        ->transform(thousands)
        ->group(group);
    app.add_option("--outstanding", settings.outstanding,
                   "closed loop: so many packets under way in each direction")
        ->check(CLI::Range(1, 1000000))
        ->group(group);
    app.add_option("--duration", settings.duration, "seconds of measuring")
        ->capture_default_str()
        ->group(group);
    app.add_option("--warm-up", settings.warm_up, "seconds of the same before")
        ->capture_default_str()
        ->group(group);
    app.add_option("--verify", load.check_every,
                   "compare every k-th packet byte by byte, opening it first if it is sealed; 0: none")
        ->type_name("K")
        ->capture_default_str()
        ->group(group);
    app.add_option("--prepare", raw.prepare_mib, "MiB of sealed packets prepared at a time (decrypt)")
        ->check(CLI::Range(1, 16384))
        ->capture_default_str()
        ->group(group);
    app.add_option("--tunnel-mtu", load.tunnel_mtu, "packets are not padded beyond it")
        ->check(CLI::Range(576, 9600))
        ->capture_default_str()
        ->group(group);

    group = "Results";
    app.add_option("--name", settings.name, "of the result; left out: DRIVER/DIRECTION/SIZE/peersN")
        ->group(group);
    app.add_option("--json", settings.json_file, "write them to a file")->type_name("FILE")->group(group);
    app.add_flag("--quiet", settings.quiet, "no progress")->group(group);

    group = "Peer list, instead of a load";
    app.add_option("--write-config", settings.config_file, "write a configuration for ringway --config")
        ->type_name("FILE")
        ->group(group);
    app.add_option("--write-wg", settings.wg_file, "write a configuration for wg setconf")
        ->type_name("FILE")
        ->group(group);
    app.add_option("--config-cipher-device", settings.config_cipher_device, "the gateway's device in it")
        ->type_name("DEVICE")
        ->default_str("net_af_packet0,iface=wan")
        ->group(group);
    app.add_option("--config-plain-device", settings.config_plain_device, "and its other one")
        ->type_name("DEVICE")
        ->default_str("net_af_packet1,iface=lan")
        ->group(group);
}

void settle_addresses(LoadOptions& load, const Raw& raw) {
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
    const unsigned last_flow_port = kLoadPort + load.flows_per_peer - 1;
    if (load.peers.first_port <= last_flow_port && load.peers.first_port + load.peers.per_address > kLoadPort)
        refuse("--peer-port",
               fmt::format("ports {} to {} are those of the flows inside", kLoadPort, last_flow_port));
}

void settle_sizes(LoadOptions& load, const Raw& raw) {
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

void settle_keys(LoadOptions& load, const Raw& raw) {
    if (raw.gateway_key.empty()) {
        load.gateway_key = crypto::x25519_base(gateway_private_key(load.seed));
        return;
    }
    const auto key = config::decode_public_key(raw.gateway_key);
    if (!key) refuse("--gateway-key", "is not a key as 'wg pubkey' prints it");
    load.gateway_key.bytes = key->bytes;
}

void settle(Settings& settings, const Raw& raw) {
    LoadOptions& load = settings.load;
    settle_addresses(load, raw);
    settle_sizes(load, raw);
    settle_keys(load, raw);
    if (raw.direction != "decrypt") settings.directions.push_back(Direction::encrypt);
    if (raw.direction != "encrypt") settings.directions.push_back(Direction::decrypt);
    if (settings.config_cipher_device.empty()) settings.config_cipher_device = "net_af_packet0,iface=wan";
    if (settings.config_plain_device.empty()) settings.config_plain_device = "net_af_packet1,iface=lan";
    if (settings.writes_list()) return;
    if (load.cipher.device.empty()) refuse("--cipher-port", "is required (or --write-config, --write-wg)");
    if (settings.rate != 0 && settings.outstanding != 0) refuse("--outstanding", "excludes --rate");
    if (settings.rate == 0 && settings.outstanding == 0) settings.outstanding = 512;
}

}  // namespace

std::optional<int> read_command_line(int argc, char** argv, Settings& settings) {
    CLI::App app("Loads a WireGuard gateway: acts as its peers and as a host behind it, over DPDK ports.",
                 "ringway-load");
    app.get_formatter()->column_width(36);
    Raw raw;
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
