#pragma once

#include <span>

#include "tests/support/eal.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

/// Two gateways with a session; the first is fed arbitrary frames. Aborts when an account does not
/// balance or a bundle does not come back.
struct FuzzBench {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});

    FuzzBench();
    /// The first byte chooses the port, the others are the frame.
    void feed(std::span<const std::uint8_t> input);
};

}  // namespace ringway::tests
