#include "tests/fuzz/targets.h"

#include <algorithm>
#include <array>

namespace ringway::tests {
namespace {

constexpr std::array kTargets = {
    FuzzTarget{"config", fuzz_config},         FuzzTarget{"console", fuzz_console},
    FuzzTarget{"frames", fuzz_frames},         FuzzTarget{"in_band", fuzz_in_band},
    FuzzTarget{"messages", fuzz_messages},     FuzzTarget{"netlink", fuzz_netlink},
    FuzzTarget{"protocol", fuzz_protocol},     FuzzTarget{"rest", fuzz_rest},
    FuzzTarget{"transport", fuzz_transport},   FuzzTarget{"wg_request", fuzz_wg_request},
    FuzzTarget{"write_back", fuzz_write_back},
};

}  // namespace

std::span<const FuzzTarget> fuzz_targets() {
    return kTargets;
}

const FuzzTarget* find_fuzz_target(std::string_view name) {
    const auto* found = std::ranges::find(kTargets, name, &FuzzTarget::name);
    return found == kTargets.end() ? nullptr : found;
}

}  // namespace ringway::tests
