// Any bytes give a configuration or problems, and the problems hold what they promise.

#include <cstdint>
#include <string_view>

#include "config/load.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

namespace {

using namespace config;

void check_problems(const std::vector<Problem>& problems) {
    promise(!problems.empty(), "a failure has problems");
    std::uint64_t last = 0;
    for (const Problem& problem : problems) {
        const std::uint64_t place = (std::uint64_t{problem.line} << 32) | problem.column;
        promise(problem.line >= 1 && problem.column >= 1, "places are counted from 1");
        promise(place >= last, "problems are in the order of the file");
        promise(!problem.text.empty(), "a problem has a text");
        promise(problem.text.find('\n') == std::string::npos, "a problem is one line");
        // The key of good/complete.yaml; mutations rarely reach it, and then only some of its letters.
        promise(problem.text.find("zzMZI1VDYPHPNFtaR6qB1LwJSSeysmDm") == std::string::npos,
                "no key is shown");
        last = place;
    }
}

void check_configuration(const Configuration& configuration) {
    promise(!configuration.ports.empty(), "there is a port");
    for (const Port& port : configuration.ports)
        promise(!port.host.interface.empty(), "a port has an interface");
    for (const Tunnel& tunnel : configuration.tunnels) {
        promise(tunnel.listen_port != 0, "a tunnel has a listen port");
        promise(!tunnel.private_key.is_zero(), "a tunnel has a key");
        for (const Peer& peer : tunnel.peers) {
            promise(!is_low_order(peer.public_key), "a peer's key can work");
            for (const Prefix& prefix : peer.allowed_ips)
                promise(prefix == prefix.masked(), "allowed IPs are masked");
        }
    }
}

}  // namespace

void fuzz_config(Input input) {
    const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
    const auto result = load_text(text, "good/fuzz.yaml", {.insecure_key_files = true, .cpus = 4});
    if (result) {
        check_configuration(*result);
    } else {
        check_problems(result.error());
    }
}

}  // namespace ringway::tests
