#include "crypto/aead_policy.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

#include "crypto/aead_race.h"
#include "crypto/simd/kernels.h"

namespace ringway::crypto {
namespace {

using Direction = AeadOperation::Direction;

constexpr unsigned kUnmeasuredFrom = 8;

const simd::Kernel* kernel_of(AeadPath path) {
    if (path == AeadPath::avx512) return &simd::kAvx512Kernel;
    return path == AeadPath::avx2 ? &simd::kAvx2Kernel : nullptr;
}

/// Lanes that a packet takes: a measure of its share in a burst.
std::uint64_t lanes_of(std::uint32_t length) {
    return 2 + length / simd::kChaChaBlockBytes;
}

bool is_setback(const std::array<bool, 2>& now, const std::array<bool, 2>& before) {
    return (before[0] && !now[0]) || (before[1] && !now[1]);
}

}  // namespace

std::string_view to_string(AeadPath path) {
    switch (path) {
        case AeadPath::ipsec_mb:
            return "ipsec-mb";
        case AeadPath::avx2:
            return "avx2";
        case AeadPath::avx512:
            return "avx512";
    }
    return "";
}

bool is_usable(AeadPath path) {
    return path == AeadPath::ipsec_mb || std::ranges::count(simd::usable_kernels(), kernel_of(path)) > 0;
}

std::vector<AeadPath> usable_aead_paths() {
    std::vector<AeadPath> paths;
    for (const AeadPath path : {AeadPath::ipsec_mb, AeadPath::avx2, AeadPath::avx512}) {
        if (is_usable(path)) paths.push_back(path);
    }
    return paths;
}

AeadPolicy::AeadPolicy() {
    if (simd::usable_kernels().empty()) return;
    kernel_ = simd::usable_kernels().front();
    fill(kAll & ~((1U << kUnmeasuredFrom) - 1));
}

AeadPolicy AeadPolicy::always(AeadPath path) {
    if (!is_usable(path)) {
        throw std::runtime_error("this CPU lacks instructions for " + std::string(to_string(path)));
    }
    AeadPolicy policy;
    policy.kernel_ = kernel_of(path);
    policy.fill(policy.kernel_ == nullptr ? 0 : kAll);
    return policy;
}

AeadPolicy AeadPolicy::measured(std::optional<AeadPath> path, Clock clock) {
    AeadPolicy policy;
    if (path) {
        policy = always(*path);
    } else if (simd::usable_kernels().size() > 1) {
        policy.kernel_ = AeadRace::fastest(clock, simd::usable_kernels());
    }
    if (policy.kernel_ != nullptr) policy.measure(clock);
    return policy;
}

AeadPath AeadPolicy::path() const {
    if (kernel_ == &simd::kAvx512Kernel) return AeadPath::avx512;
    return kernel_ == nullptr ? AeadPath::ipsec_mb : AeadPath::avx2;
}

void AeadPolicy::fill(Row row) {
    for (Rows& rows : taken_)
        rows.fill(row);
}

/// Bursts of up to eight one by one, then some; those between are taken if both neighbours are.
void AeadPolicy::measure(Clock clock) {
    constexpr std::array<unsigned, 12> kPackets = {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20};
    AeadRace race(clock, kernel_);
    for (std::size_t i = 0; i < kLengths.size(); ++i) {
        taken_[0][i] = taken_[1][i] = 0;
        std::array<bool, 2> before{};
        unsigned last = 0;
        for (const unsigned packets : kPackets) {
            AeadRace::Verdict kernel_wins = race.run(packets, kLengths[i]);
            // What won with fewer packets hardly loses with more: rather, something came in between.
            for (int again = 0; again < 2 && is_setback(kernel_wins.by_direction, before); ++again)
                kernel_wins = race.run(packets, kLengths[i]);
            const unsigned n = std::min(packets, kMostPackets);
            for (std::size_t direction = 0; direction < 2; ++direction) {
                const bool wins = kernel_wins.by_direction[direction];
                Row& row = taken_[direction][i];
                if (wins) row |= 1U << n;
                if (wins && before[direction]) row |= (1U << n) - (1U << last);
                before[direction] = wins;
            }
            last = n;
        }
    }
}

AeadPolicy::Row AeadPolicy::row(std::uint32_t length, Direction direction) const {
    const Rows& rows = taken_[static_cast<std::size_t>(direction)];
    std::size_t above = 0;
    while (above + 1 < kLengths.size() && kLengths[above] < length)
        ++above;
    const bool is_measured = above == 0 || kLengths[above] <= length;
    return is_measured ? rows[above] : rows[above] & rows[above - 1];
}

/// A burst of unequal packets counts as one of fewer packets that are all as long as its longest: as many
/// as they fill of its lanes of Poly1305. With many packets ChaCha20, whose lanes they share, outweighs that.
bool AeadPolicy::takes(std::span<const AeadOperation> operations) const {
    if (kernel_ == nullptr || operations.empty()) return false;
    std::uint32_t longest = 0;
    std::uint64_t lanes = 0;
    std::array<bool, 2> has{};
    for (const AeadOperation& operation : operations) {
        longest = std::max(longest, operation.length);
        lanes += lanes_of(operation.length);
        has[static_cast<std::size_t>(operation.direction)] = true;
    }
    Row taken = kAll;
    for (const Direction direction : {Direction::seal, Direction::open}) {
        if (has[static_cast<std::size_t>(direction)]) taken &= row(longest, direction);
    }
    if (taken == kAll) return true;
    constexpr std::uint64_t kMany = 16;
    constexpr std::uint64_t kHalfFilled = 4;
    const std::uint64_t filled = lanes / lanes_of(longest);
    const bool many = operations.size() >= kMany && filled >= kHalfFilled;
    const std::uint64_t packets = many ? (filled + operations.size()) / 2 : filled;
    return ((taken >> std::min<std::uint64_t>(packets, kMostPackets)) & 1) != 0;
}

unsigned AeadPolicy::takes_from(std::uint32_t length, Direction direction) const {
    const Row not_taken = kAll & ~row(length, direction);
    const auto from = static_cast<unsigned>(std::bit_width(not_taken));
    return from > kMostPackets ? 0 : std::max(from, 1U);
}

}  // namespace ringway::crypto
