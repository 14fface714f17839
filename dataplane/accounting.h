#pragma once

#include <array>
#include <cstdint>

#include "dataplane/counters.h"

namespace ringway::dataplane {

/// Counters of several threads added up. Every packet that entered has left, ended here for a named
/// reason, or is still under way (architecture.md, Accounting).
struct Totals {
    std::uint64_t in = 0;
    std::uint64_t from_host = 0;
    std::uint64_t made_here = 0;
    std::uint64_t out = 0;
    std::uint64_t to_host = 0;
    std::uint64_t consumed = 0;
    std::array<std::uint64_t, kDropReasons> drops{};

    void add(const Counters& counters);
    [[nodiscard]] std::uint64_t dropped() const;
    /// What the equation leaves: the packets that must be under way. Compare with
    /// Dataplane::in_flight(), which counts them place by place.
    [[nodiscard]] std::int64_t under_way() const {
        return static_cast<std::int64_t>(in + from_host + made_here) -
               static_cast<std::int64_t>(out + to_host + consumed + dropped());
    }
};

}  // namespace ringway::dataplane
