#include "crypto/aead_burst.h"

#include <cassert>
#include <new>

#include "crypto/aead_lanes.h"
#include "crypto/secret_pool.h"

namespace ringway::crypto {

/// All of it lies in locked memory that is zeroed when it goes.
struct AeadBurst::State {
    AeadPolicy policy;
    SecretArena arena;
    IpsecMbAead ipsec_mb;
    LaneAead* lanes = nullptr;  ///< if the policy has a kernel

    State(const AeadPolicy& wanted, Architecture architecture)
        : policy(wanted),
          arena(IpsecMbAead::arena_bytes() + sizeof(LaneAead) + alignof(LaneAead)),
          ipsec_mb(arena, architecture) {
        if (policy.kernel() == nullptr) return;
        lanes = new (arena.carve(sizeof(LaneAead), alignof(LaneAead))) LaneAead(*policy.kernel());
    }
};

AeadBurst::AeadBurst(const AeadPolicy& policy) : AeadBurst(policy, Architecture::best) {}
AeadBurst::AeadBurst(Architecture wanted) : AeadBurst(AeadPolicy::always(AeadPath::ipsec_mb), wanted) {}
AeadBurst::AeadBurst(const AeadPolicy& policy, Architecture wanted)
    : state_(std::make_unique<State>(policy, wanted)) {}
AeadBurst::~AeadBurst() = default;
AeadBurst::AeadBurst(AeadBurst&&) noexcept = default;
AeadBurst& AeadBurst::operator=(AeadBurst&&) noexcept = default;

void AeadBurst::run(std::span<AeadOperation> operations) noexcept {
    assert(operations.size() <= kMaxOperations);
    if (state_->policy.takes(operations)) {
        state_->lanes->run(operations);
    } else {
        state_->ipsec_mb.run(operations);
    }
}

std::string_view AeadBurst::architecture() const {
    return state_->ipsec_mb.architecture();
}

}  // namespace ringway::crypto
