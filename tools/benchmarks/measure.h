#pragma once

// Rates of two ways to do the same, taken alternately in short rounds, so that whatever else the machine
// does meets both.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace ringway::bench {

[[nodiscard]] inline double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Result {
    std::string name;
    std::string unit;
    std::string ratio_to;        ///< what it is compared to; empty: to nothing
    std::vector<double> runs;    ///< in `unit`, by round
    std::vector<double> others;  ///< the same of what it is compared to; empty: it is compared to nothing

    [[nodiscard]] double value() const { return median(runs); }
    /// The rounds' own ratios.
    [[nodiscard]] std::vector<double> ratios() const {
        std::vector<double> all;
        for (std::size_t i = 0; i < others.size(); ++i)
            all.push_back(runs[i] / others[i]);
        return all;
    }
    /// Their median; 0 if it is compared to nothing.
    [[nodiscard]] double ratio() const { return median(ratios()); }
};

/// Operations per second of `work`, which does so many of them.
template <typename Work>
[[nodiscard]] double rate(std::size_t operations, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    return static_cast<double>(operations) / passed.count();
}

/// `rounds` times: `prepare`, then both works, the first one first in every other round.
template <typename Prepare, typename Work, typename Other>
void alternate(Result& result, int rounds, const Prepare& prepare, std::size_t operations, const Work& work,
               std::size_t other_operations, const Other& other) {
    for (int round = 0; round < rounds; ++round) {
        prepare();
        double second = 0;
        if (round % 2 == 1) second = rate(other_operations, other);
        const double first = rate(operations, work);
        if (round % 2 == 0) second = rate(other_operations, other);
        result.runs.push_back(first);
        result.others.push_back(second);
    }
}

}  // namespace ringway::bench
