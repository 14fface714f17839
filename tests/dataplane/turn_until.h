#pragma once

#include <cstdint>
#include <stdexcept>

namespace ringway::tests {

/// Keeps polling until `done`; throws rather than hang.
template <typename Turn, typename Done>
void turn_until(Turn&& turn, Done&& done) {
    for (std::uint64_t i = 0; i < 50'000'000; ++i) {
        turn();
        if (done()) return;
    }
    throw std::runtime_error("the lcores do not get on");
}

}  // namespace ringway::tests
