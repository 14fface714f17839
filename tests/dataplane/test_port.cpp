#include <doctest/doctest.h>

#include <optional>

#include "dataplane/port.h"
#include "tests/support/ring_device.h"

namespace ringway::tests {

TEST_CASE("a device that is there tells its transmit queues, one that is made later does not") {
    const RingDevice device("port", {.mac = {2, 0, 0, 0, 0, 1}, .tx_queues = 3});
    const std::optional<std::uint16_t> three = 3;
    CHECK(dataplane::transmit_queues(device.name()) == three);
    CHECK(dataplane::transmit_queues(device.name() + ",argument=1") == three);
    CHECK(dataplane::transmit_queues("net_none0") == std::nullopt);
}

}  // namespace ringway::tests
