#include "crypto/aead_race.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "crypto/aead_burst.h"
#include "crypto/simd/kernels.h"

namespace ringway::crypto {
namespace {

using Direction = AeadOperation::Direction;

constexpr unsigned kMostPackets = 32;
constexpr std::uint32_t kMostBytes = 9216;
constexpr int kRounds = 7;
/// Of a race that is close: what else runs on the machine must not decide it.
constexpr int kCloseRounds = 4 * kRounds;
constexpr std::uint64_t kCloseShare = 8;
/// A kernel that is slower by less than this share counts as equal. A mistake then costs next to nothing, and
/// the kernel gains where a call has more packets than were measured.
constexpr std::uint64_t kEqualShare = 64;

AeadPolicy policy_of(const simd::Kernel* kernel) {
    if (kernel == nullptr) return AeadPolicy::always(AeadPath::ipsec_mb);
    return AeadPolicy::always(kernel == &simd::kAvx512Kernel ? AeadPath::avx512 : AeadPath::avx2);
}

/// The shortest times of an implementation so far.
struct Best {
    std::array<std::uint64_t, 2> by_direction{std::numeric_limits<std::uint64_t>::max(),
                                              std::numeric_limits<std::uint64_t>::max()};

    [[nodiscard]] bool is_close_to(const Best& other) const {
        for (std::size_t i = 0; i < by_direction.size(); ++i) {
            const auto [less, more] = std::minmax(by_direction[i], other.by_direction[i]);
            if (more - less <= more / kCloseShare) return true;
        }
        return false;
    }
};

}  // namespace

struct AeadRace::State {
    Clock clock;
    AeadBurst ipsec_mb{policy_of(nullptr)};
    AeadBurst contender;
    std::vector<SymmetricKey> keys = std::vector<SymmetricKey>(kMostPackets);
    std::vector<std::uint8_t> packets;
    std::vector<AeadOperation> operations;

    State(Clock time, const simd::Kernel* kernel) : clock(time), contender(policy_of(kernel)) {
        operations.reserve(kMostPackets);
        packets.resize(std::size_t{kMostPackets} * (kMostBytes + kTagBytes));
        for (std::size_t i = 0; i < keys.size(); ++i)
            std::ranges::fill(keys[i].span(), static_cast<std::uint8_t>(i));
    }

    void lay_out(unsigned count, std::uint32_t length) {
        operations.clear();
        for (unsigned i = 0; i < count; ++i) {
            std::uint8_t* const data = packets.data() + std::size_t{i} * (length + kTagBytes);
            operations.push_back({&keys[i], i, data, length, Direction::seal, false});
        }
    }

    void run(AeadBurst& aead, Best& best) {
        for (const Direction direction : {Direction::seal, Direction::open}) {
            for (AeadOperation& operation : operations)
                operation.direction = direction;
            const std::uint64_t begin = clock();
            aead.run(operations);
            std::uint64_t& shortest = best.by_direction[static_cast<std::size_t>(direction)];
            shortest = std::min(shortest, clock() - begin);
        }
    }
};

AeadRace::AeadRace(Clock clock, const simd::Kernel* kernel)
    : state_(std::make_unique<State>(clock, kernel)) {}
AeadRace::~AeadRace() = default;

AeadRace::Verdict AeadRace::run(unsigned packets, std::uint32_t length) {
    state_->lay_out(packets, length);
    Best ipsec_mb;
    Best contender;
    for (int round = 0; round < kRounds || (round < kCloseRounds && contender.is_close_to(ipsec_mb));
         ++round) {
        state_->run(state_->ipsec_mb, ipsec_mb);
        state_->run(state_->contender, contender);
    }
    Verdict verdict{};
    for (std::size_t i = 0; i < verdict.by_direction.size(); ++i) {
        const std::uint64_t bound = ipsec_mb.by_direction[i] + ipsec_mb.by_direction[i] / kEqualShare;
        verdict.by_direction[i] = contender.by_direction[i] <= bound;
    }
    return verdict;
}

const simd::Kernel* AeadRace::fastest(Clock clock, std::span<const simd::Kernel* const> kernels) {
    constexpr unsigned kPackets = 32;
    constexpr std::uint32_t kBytes = 592;
    const simd::Kernel* winner = nullptr;
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
    for (const simd::Kernel* kernel : kernels) {
        State state(clock, kernel);
        state.lay_out(kPackets, kBytes);
        Best best;
        for (int round = 0; round < kRounds; ++round)
            state.run(state.contender, best);
        if (best.by_direction[0] >= shortest) continue;
        shortest = best.by_direction[0];
        winner = kernel;
    }
    return winner;
}

}  // namespace ringway::crypto
