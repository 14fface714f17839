#include "crypto/x25519_batch.h"

#include <algorithm>
#include <array>

#include "crypto/sodium_start.h"
#include "crypto/x25519_ifma.h"

namespace ringway::crypto {
namespace {

constexpr PublicKey kBasePoint{{9}};

/// More than the kernel's frames take below its caller's.
constexpr std::size_t kSpillBytes = 24 * 1024;

/// What the kernel does between two of its inversions.
constexpr std::size_t kLanesAtOnce = 64;

}  // namespace

X25519Path best_x25519_path() {
    static const X25519Path best =
        __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512ifma") != 0
            ? X25519Path::ifma
            : X25519Path::scalar;
    return best;
}

void x25519_batch(std::span<const X25519Job> jobs, X25519Path path) {
    if (path == X25519Path::scalar || jobs.size() < 2) {
        for (const X25519Job& job : jobs) {
            if (job.point_ == nullptr) {
                crypto_scalarmult_curve25519_base(job.out_, job.scalar_);
            } else if (crypto_scalarmult_curve25519(job.out_, job.scalar_, job.point_) != 0) {
                std::fill_n(job.out_, kKeyBytes, std::uint8_t{0});
            }
        }
        return;
    }
    while (!jobs.empty()) {
        std::array<X25519Lane, kLanesAtOnce> lanes;
        const std::size_t count = std::min(jobs.size(), lanes.size());
        for (std::size_t i = 0; i < count; ++i) {
            const X25519Job& job = jobs[i];
            lanes[i] = {job.scalar_, job.point_ == nullptr ? kBasePoint.bytes.data() : job.point_, job.out_};
        }
        x25519_ifma(lanes.data(), count);
        jobs = jobs.subspan(count);
    }
    sodium_stackzero(kSpillBytes);
}

}  // namespace ringway::crypto
