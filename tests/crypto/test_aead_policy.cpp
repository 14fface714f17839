// What the race at the start decides, by a clock that says who was how fast.

#include <doctest/doctest.h>

#include "crypto/aead_policy.h"

namespace ringway::tests {
namespace {

using crypto::AeadOperation;
using crypto::AeadPath;
using crypto::AeadPolicy;

// A measurement is two looks at the clock; a round is IPsec-MB's sealing and opening, then the kernel's.
constexpr std::uint64_t kLooksOfIpsecMb = 4;
constexpr std::uint64_t kLooksOfRound = 8;

/// What the clock has to say. It is a plain function, so this can't be an argument.
struct Course {
    std::uint64_t looks = 0;
    std::uint64_t now = 0;
    std::uint64_t kernel_takes = 1000;  ///< where IPsec-MB takes 1000
    std::uint64_t slow_from = 0;        ///< looks between which the kernel takes ten times as long
    std::uint64_t slow_to = 0;
};
Course course;

std::uint64_t tell() {
    const std::uint64_t look = course.looks++;
    const bool ends = look % 2 == 1;
    const bool is_kernels = look % kLooksOfRound >= kLooksOfIpsecMb;
    const bool is_slow = look >= course.slow_from && look < course.slow_to;
    if (ends) course.now += is_kernels ? course.kernel_takes * (is_slow ? 10 : 1) : 1000;
    return course.now;
}

/// The policy of a kernel that this CPU has, or nothing.
std::optional<AeadPolicy> raced(const Course& as) {
    course = as;
    const auto paths = crypto::usable_aead_paths();
    if (paths.back() == AeadPath::ipsec_mb) return std::nullopt;
    return AeadPolicy::measured(paths.back(), tell);
}

unsigned takes_from(const AeadPolicy& policy, std::uint32_t length) {
    return policy.takes_from(length, AeadOperation::Direction::seal);
}

}  // namespace

TEST_CASE("a kernel that is as fast as IPsec-MB, or hardly slower, seals everything") {
    for (const std::uint64_t takes : {900, 1000, 1010}) {
        const auto policy = raced({.kernel_takes = takes});
        if (!policy) return;
        for (const std::uint32_t length : {64, 256, 1420})
            CHECK(takes_from(*policy, length) == 1);
    }
}

TEST_CASE("a kernel that is slower seals nothing") {
    for (const std::uint64_t takes : {1030, 1100, 3000}) {
        const auto policy = raced({.kernel_takes = takes});
        if (!policy) return;
        for (const std::uint32_t length : {64, 256, 1420})
            CHECK(takes_from(*policy, length) == 0);
    }
}

TEST_CASE("what disturbs the kernel for a while does not decide what it seals") {
    // The kernel is clearly faster, so that a race has seven rounds; the third is run while it is disturbed.
    constexpr std::uint64_t kRace = 7 * kLooksOfRound;
    const auto policy = raced({.kernel_takes = 500, .slow_from = 2 * kRace, .slow_to = 3 * kRace});
    if (!policy) return;
    CHECK(takes_from(*policy, 0) == 1);
}

}  // namespace ringway::tests
