#include "control/lcore_layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

namespace ringway::control {
namespace {

using dataplane::LcoreRoles;

std::vector<unsigned> cpus(unsigned count) {
    std::vector<unsigned> all(count);
    std::iota(all.begin(), all.end(), 0U);
    return all;
}

config::Configuration machine(std::size_t peers, std::uint32_t memory_mib = 4096) {
    config::Configuration configuration;
    configuration.system.memory = memory_mib;
    configuration.ports.resize(2);
    configuration.tunnels.resize(1);
    configuration.tunnels[0].peers.resize(peers);
    return configuration;
}

std::vector<unsigned> having(const LcoreLayout& layout, bool LcoreRoles::*role) {
    std::vector<unsigned> result;
    for (const LcoreLayout::Polling& lcore : layout.polling) {
        if (lcore.roles.*role) result.push_back(lcore.cpu);
    }
    return result;
}

LcoreLayout automatic(unsigned count, std::size_t peers) {
    return lay_out(machine(peers), cpus(count));
}

}  // namespace

TEST_CASE("auto: one CPU does everything, control too") {
    const LcoreLayout layout = automatic(1, 100);
    CHECK(layout.control == std::vector<unsigned>{0});
    REQUIRE(layout.polling.size() == 1);
    CHECK(layout.polling[0].cpu == 0);
    CHECK(having(layout, &LcoreRoles::rx).size() == 1);
    CHECK(having(layout, &LcoreRoles::crypto).size() == 1);
    CHECK(having(layout, &LcoreRoles::tx).size() == 1);
}

TEST_CASE("auto: the first of more CPUs is control's alone, and every other does crypto") {
    for (unsigned count = 2; count <= 64; ++count) {
        for (const std::size_t peers : {0, 16, 10000}) {
            const LcoreLayout layout = automatic(count, peers);
            CHECK(layout.control == std::vector<unsigned>{0});
            CHECK(having(layout, &LcoreRoles::crypto).size() == count - 1);
            CHECK(std::none_of(layout.polling.begin(), layout.polling.end(),
                               [](const auto& lcore) { return lcore.cpu == 0; }));
        }
    }
}

TEST_CASE("auto: with peers enough, or none known yet, every CPU receives and transmits") {
    for (const unsigned count : {2U, 3U, 8U, 64U}) {
        for (const std::size_t peers : {0, 64, 10000}) {
            const LcoreLayout layout = automatic(count, peers);
            CHECK(having(layout, &LcoreRoles::rx).size() == count - 1);
            CHECK(having(layout, &LcoreRoles::tx).size() == count - 1);
        }
    }
}

TEST_CASE("auto: no more CPUs receive or transmit than there are peers") {
    const LcoreLayout layout = automatic(5, 3);
    CHECK(having(layout, &LcoreRoles::rx) == std::vector<unsigned>{1, 2, 3});
    CHECK(having(layout, &LcoreRoles::tx) == std::vector<unsigned>{1, 2, 3});
}

TEST_CASE("auto: few peers on many CPUs are received by some and sent by others") {
    const LcoreLayout one = automatic(4, 1);
    CHECK(having(one, &LcoreRoles::rx) == std::vector<unsigned>{1});
    CHECK(having(one, &LcoreRoles::tx) == std::vector<unsigned>{2});
    const LcoreLayout three = automatic(8, 3);
    CHECK(having(three, &LcoreRoles::rx) == std::vector<unsigned>{1, 2, 3});
    CHECK(having(three, &LcoreRoles::tx) == std::vector<unsigned>{4, 5, 6});
}

TEST_CASE("auto: no more than four CPUs poll for a peer") {
    CHECK(automatic(5, 1).polling.size() == 4);
    CHECK(automatic(64, 1).polling.size() == 4);
    CHECK(automatic(64, 2).polling.size() == 8);
    CHECK(having(automatic(64, 2), &LcoreRoles::tx) == std::vector<unsigned>{3, 4});
}

TEST_CASE("auto: queues hold no more than half of packet memory") {
    // Two ports, 1024 packets in either queue: 4096 packets for a CPU, of 65536.
    const LcoreLayout layout = lay_out(machine(10000, 256), cpus(64));
    CHECK(having(layout, &LcoreRoles::rx).size() == 8);
    CHECK(having(layout, &LcoreRoles::tx).size() == 8);
    CHECK(having(layout, &LcoreRoles::crypto).size() == 63);
    CHECK(having(lay_out(machine(10000, 16), cpus(8)), &LcoreRoles::tx).size() == 1);
}

TEST_CASE("a device with few transmit queues leaves the role to as many CPUs") {
    LcoreLayout layout = automatic(8, 10000);
    layout.limit_transmitters(2);
    CHECK(having(layout, &LcoreRoles::tx) == std::vector<unsigned>{1, 2});
    CHECK(having(layout, &LcoreRoles::rx).size() == 7);
}

TEST_CASE("roles that are told are taken as told, whatever the peers") {
    config::Configuration configuration = machine(10000);
    configuration.lcores = config::Lcores{.control = {0}, .rx = {1}, .crypto = {2, 3}, .tx = {1}};
    const LcoreLayout layout = lay_out(configuration, cpus(4));
    CHECK(having(layout, &LcoreRoles::rx) == std::vector<unsigned>{1});
    CHECK(having(layout, &LcoreRoles::crypto) == std::vector<unsigned>{2, 3});
    CHECK(having(layout, &LcoreRoles::tx) == std::vector<unsigned>{1});
}

}  // namespace ringway::control
