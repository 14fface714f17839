#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/benchmarks/bare_gateway.h"
#include "tools/benchmarks/measure.h"

namespace ringway::bench {

/// Where the cycles of a gateway's one lcore go, and what its batching achieves, round by round.
class StageCosts {
  public:
    /// `direction` and `suffix` (size and peers) go into the results' names.
    StageCosts(std::string direction, std::string suffix);

    void begin(BareGateway& gateway) { before_ = Work::of(gateway); }
    void end(BareGateway& gateway);
    /// stage/rx/DIRECTION/SUFFIX in TSC cycles a packet and so on, stage/aead_call/... in packets a call,
    /// stage/bundle/... in packets a bundle, stage/ring/... in ring operations a packet.
    void report(std::vector<Result>& results) const;

  private:
    struct Work {
        std::array<std::uint64_t, dataplane::kStages> cycles{};
        std::uint64_t packets = 0;
        std::uint64_t aead_calls = 0;
        std::uint64_t bundles = 0;
        std::uint64_t ring_operations = 0;

        static Work of(BareGateway& gateway);
    };

    std::string direction_;
    std::string suffix_;
    Work before_;
    std::array<std::vector<double>, dataplane::kStages> cycles_;
    std::vector<double> per_call_;
    std::vector<double> per_bundle_;
    std::vector<double> ring_operations_;
};

}  // namespace ringway::bench
