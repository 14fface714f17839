#pragma once

#include <cstddef>
#include <utility>

namespace ringway::dataplane {

/// Takes `count` things through several steps, each step `Distance` things behind the one before: what a step
/// has fetched of a thing is there at its next, and no more is under way than a first-level cache holds. A
/// step is called with the number of a thing, in order.
template <std::size_t Distance = 8, typename... Steps>
void in_steps(std::size_t count, Steps&&... steps) {
    for (std::size_t turn = 0; turn < count + (sizeof...(Steps) - 1) * Distance; ++turn) {
        std::size_t behind = 0;
        const auto run = [&](auto& step) {
            if (turn >= behind && turn - behind < count) step(turn - behind);
            behind += Distance;
        };
        (run(steps), ...);
    }
}

}  // namespace ringway::dataplane
