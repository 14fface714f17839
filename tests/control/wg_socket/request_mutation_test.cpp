#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/control/wg_socket/sample.h"
#include "tests/fuzz/targets.h"

namespace ringway::control {
namespace {

const std::vector<std::string>& pieces() {
    static const std::vector<std::string> all = {
        "set=1\n",
        "get=1\n",
        "\n",
        "\n\n",
        "=",
        "true",
        "-",
        "/",
        ":",
        "[",
        "]",
        "0",
        "65536",
        std::string(1, '\0'),
        "private_key=" + test::hex_key('a') + "\n",
        "public_key=" + test::hex_key('b') + "\n",
        "public_key=" + test::hex_key('c') + "\n",
        "preshared_key=" + test::hex_key('d') + "\n",
        "listen_port=51820\n",
        "fwmark=0\n",
        "replace_peers=true\n",
        "remove=true\n",
        "update_only=true\n",
        "endpoint=192.0.2.1:51820\n",
        "endpoint=[2001:db8::1]:51820\n",
        "persistent_keepalive_interval=25\n",
        "replace_allowed_ips=true\n",
        "allowed_ip=10.0.0.0/8\n",
        "allowed_ip=-fd00::/64\n",
        "protocol_version=1\n",
    };
    return all;
}

/// A stream of requests, some of them good, with a few bytes changed.
std::string mutated(std::mt19937& random) {
    const auto below = [&](std::size_t bound) { return random() % bound; };
    std::string text = "set=1\n";
    for (std::size_t count = below(24); count > 0; --count)
        text += pieces()[below(pieces().size())];
    text += "\n";
    for (std::size_t count = below(4); count > 0; --count) {
        const std::size_t at = below(text.size());
        switch (below(4)) {
            case 0:
                text[at] = static_cast<char>(random());
                break;
            case 1:
                text.insert(at, pieces()[below(pieces().size())]);
                break;
            case 2:
                text.erase(at, 1 + below(8));
                break;
            default:
                text.insert(at, text.substr(below(text.size()), below(200)));
                break;
        }
        if (text.empty()) text = "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("no mutation of a request crashes the reader or is read two ways") {
    std::mt19937 random(20221);  // NOLINT(cert-msc51-cpp): a fixed seed makes a failure repeatable
    for (int round = 0; round < 100'000; ++round) {
        const std::string text = mutated(random);
        tests::fuzz_wg_request({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
}

}  // namespace ringway::control
