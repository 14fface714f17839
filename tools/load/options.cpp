#include "tools/load/options.h"

#include <CLI/CLI.hpp>

#include <map>

namespace ringway::load {
namespace {

/// Options of one heading of the help.
class Group {
  public:
    Group(CLI::App& app, std::string name) : app_(app), name_(std::move(name)) {}

    template <typename Value>
    CLI::Option* option(const std::string& name, Value& value, const std::string& help,
                        const std::string& type = "") {
        CLI::Option* option = app_.add_option(name, value, help)->group(name_);
        option->type_name(type.empty() ? "N" : type);
        return option;
    }
    /// One whose default the help shows.
    template <typename Value>
    CLI::Option* usual(const std::string& name, Value& value, const std::string& help,
                       const std::string& type = "") {
        return option(name, value, help, type)->capture_default_str();
    }
    CLI::Option* flag(const std::string& name, bool& value, const std::string& help) {
        return app_.add_flag(name, value, help)->group(name_);
    }

  private:
    CLI::App& app_;
    std::string name_;
};

CLI::AsNumberWithUnit packets_per_second() {
    const std::map<std::string, double> units{{"k", 1e3}, {"M", 1e6}};
    return CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::CASE_SENSITIVE, "");
}

/// Bounds that an error names and the help does not.
template <typename Number>
CLI::Validator between(Number least, Number most) {
    return CLI::Range(least, most).description("");
}

constexpr int kMostPorts = 65535;
constexpr int kLeastMtu = 576;
constexpr int kMostMtu = 9600;
constexpr double kMostSeconds = 86400;

void add_ports(CLI::App& app, Settings& settings) {
    Group group(app, "Ports");
    LoadOptions& load = settings.load;
    group.option("--cipher-port", load.cipher.device,
                 "device on the gateway's encrypted side, as DPDK writes it", "DEVICE");
    group.option("--plain-port", load.plain.device, "device on its plain side; left out: the same one",
                 "DEVICE");
    group.usual("--mtu", load.cipher.mtu, "of both ports, in bytes of an IP packet")
        ->check(between(kLeastMtu, kMostMtu));
    group.option("--cpu", settings.cpu, "the CPU to poll on; left out: wherever the kernel puts it");
    group.usual("--memory", settings.memory_mib, "MiB for DPDK")->check(between(64, 65536));
}

void add_cipher_side(CLI::App& app, Settings& settings, RawOptions& raw) {
    Group group(app, "Encrypted side");
    group.usual("--gateway", raw.gateway, "the gateway's outer address", "ADDRESS");
    group.usual("--gateway-port", settings.load.gateway_port, "and its UDP port")
        ->check(between(1, kMostPorts));
    group.option("--gateway-key", raw.gateway_key,
                 "its public key in base64; left out: that of a list we wrote", "KEY");
    group.usual("--cipher-address", raw.cipher_address, "our address on the link: the peers' router",
                "ADDRESS/LENGTH");
    group.option("--cipher-next-hop", raw.cipher_next_hop,
                 "where the link leads to the gateway; left out: the gateway itself", "ADDRESS");
    group.option("--cipher-next-hop-mac", raw.cipher_mac, "its MAC address; left out: it is asked for",
                 "MAC");
}

void add_plain_side(CLI::App& app, RawOptions& raw) {
    Group group(app, "Plain side");
    group.usual("--plain-address", raw.plain_address, "our address on the link", "ADDRESS/LENGTH");
    group.option("--host", raw.host, "the plain end of all flows; left out: --plain-address", "ADDRESS");
    group.usual("--plain-next-hop", raw.plain_next_hop, "the gateway's address on the link", "ADDRESS");
    group.option("--plain-next-hop-mac", raw.plain_mac, "its MAC address; left out: it is asked for", "MAC");
}

void add_peers(CLI::App& app, Settings& settings, RawOptions& raw) {
    Group group(app, "Peers");
    LoadOptions& load = settings.load;
    group.usual("--peers", load.peers.count, "how many")->check(between(1, 100000));
    group.usual("--seed", load.seed, "all keys follow from it: they are for tests only");
    group.flag("--preshared-keys", load.preshared_keys, "each peer has one");
    group.usual("--peer-address", raw.peer_address, "outer address of the first; the others follow",
                "ADDRESS");
    group.usual("--peer-port", load.peers.first_port, "UDP port of the first")->check(between(1, kMostPorts));
    group
        .usual("--peers-per-address", load.peers.per_address,
               "so many share an address, by ports one after another")
        ->check(between(1, 60000));
    group.usual("--inner-address", raw.inner_address,
                "address inside the tunnel of the first; the others follow", "ADDRESS");
    group.flag("--responder", raw.responder,
               "the gateway begins all handshakes; it is woken by plain packets");
    group.usual("--handshakes-at-once", load.handshakes_at_once, "unanswered initiations at most")
        ->check(between(1, 100000));
    group
        .usual("--connect", settings.connect_seconds, "wait so long for links, neighbours and sessions",
               "SECONDS")
        ->check(between(0.0, kMostSeconds));
}

void add_load(CLI::App& app, Settings& settings, RawOptions& raw) {
    Group group(app, "Load");
    LoadOptions& load = settings.load;
    group
        .usual("--direction", raw.direction,
               "encrypt: plain in, sealed out; decrypt: the reverse; both; handshakes; or forward: plain in "
               "and, with no gateway between the ports, plain out",
               "WHICH")
        ->check(CLI::IsMember({"encrypt", "decrypt", "both", "handshakes", "forward"}).description(""));
    group.usual("--size", raw.sizes, "bytes of inner IP packets: 64, or 64:7,594:4,1420:1, which is imix",
                "SIZES");
    group.usual("--flows", load.flows_per_peer, "of each peer")->check(between(1, 40000));
    group
        .option("--outstanding", settings.outstanding,
                "closed loop: so many packets under way in each direction (512, if there is no --rate)")
        ->check(between(1, 1000000));
    group
        .option("--rate", settings.rate,
                "open loop: so many packets a second in each direction, as 800k or 1.5M", "RATE")
        ->transform(packets_per_second());
    group.usual("--duration", settings.duration, "of sending", "SECONDS")->check(between(0.0, kMostSeconds));
    group.usual("--warm-up", settings.warm_up, "the same before, not counted", "SECONDS")
        ->check(between(0.0, kMostSeconds));
    group.usual("--runs", settings.runs, "measure so often; the median is the result")
        ->check(between(1, 1000));
    group.usual("--verify", load.check_every,
                "compare every k-th packet byte by byte, opening it first if it is sealed; 0: none", "K");
    group.usual("--prepare", raw.prepare_mib, "MiB of sealed packets prepared at a time (decrypt)")
        ->check(between(1, 16384));
    group.usual("--tunnel-mtu", load.tunnel_mtu, "packets are not padded beyond it")
        ->check(between(kLeastMtu, kMostMtu));
}

void add_search(CLI::App& app, RawOptions& raw) {
    Group group(app, "Search for the highest rate (RFC 2544), in trials of --duration");
    group.flag("--search", raw.search, "look for the highest rate with a loss within --max-loss");
    group.usual("--max-loss", raw.max_loss_percent, "of the packets offered", "PERCENT")
        ->check(between(0.0, 100.0));
    group.usual("--precision", raw.precision_percent, "of the rate that may remain unknown", "PERCENT")
        ->check(between(0.01, 50.0));
    group.option("--max-rate", raw.max_rate, "no higher rate is tried", "RATE")
        ->transform(packets_per_second());
}

void add_handshakes(CLI::App& app, RawOptions& raw) {
    Group group(app, "Handshakes only (--direction handshakes)");
    group.usual(
        "--shares", raw.shares,
        "of valid, replayed and random initiations, and of those with a right mac1 around rubbish, which a "
        "gateway under load answers with a cookie. --rate is that of all together; without it, valid ones go "
        "as fast as they are answered, at most --handshakes-at-once under way",
        "V:R:R:C");
}

void add_results(CLI::App& app, Settings& settings) {
    Group group(app, "Results");
    group.option("--name", settings.name, "of the result; left out: DRIVER/DIRECTION/SIZE/peersN", "NAME");
    group.option("--json", settings.json_file, "write them to a file", "FILE");
    group.option("--chart", settings.chart_file, "draw latency by percentile as SVG", "FILE");
    group.flag("--quiet", settings.quiet, "no progress on standard error");
}

void add_list(CLI::App& app, Settings& settings) {
    Group group(app, "Peer list, instead of a load");
    group.option("--write-config", settings.config_file, "write a configuration for ringway --config",
                 "FILE");
    group.option("--write-wg", settings.wg_file, "write a configuration for wg setconf", "FILE");
    group.usual("--config-cipher-device", settings.config_cipher_device, "the gateway's device in it",
                "DEVICE");
    group.usual("--config-plain-device", settings.config_plain_device, "and its other one", "DEVICE");
}

}  // namespace

void add_options(CLI::App& app, Settings& settings, RawOptions& raw) {
    add_ports(app, settings);
    add_cipher_side(app, settings, raw);
    add_plain_side(app, raw);
    add_peers(app, settings, raw);
    add_load(app, settings, raw);
    add_search(app, raw);
    add_handshakes(app, raw);
    add_results(app, settings);
    add_list(app, settings);
}

}  // namespace ringway::load
