// The entry point that unit-test programs which need DPDK share.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "tests/support/eal.h"

int main(int argc, char** argv) {
    ringway::tests::start_eal();
    const int result = doctest::Context(argc, argv).run();
    ringway::tests::stop_eal();
    return result;
}
