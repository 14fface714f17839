#pragma once

#include <atomic>
#include <cstdint>

#include "dataplane/bundle.h"
#include "dataplane/sharing.h"

namespace ringway::dataplane {

/// A peer's place in its own order, all of it changed in one 16-byte compare-and-swap: the last
/// bundle linked, the keypair that seals what comes next, and the next counter of that keypair.
/// Reserving counters and linking the bundle can therefore not come apart, whichever of several rx
/// lcores is preempted between them (architecture.md, "Order is counter order").
///
/// With a keypair, `counter` is its next counter. Without one, it counts packets sent to staging;
/// see dataplane/staging.h. The inbound queue has no keypair and counts bundles, so that no value of
/// the word ever comes back.
struct SerialState {
    BundleIndex tail = kNoBundle;
    KeypairIndex keypair = kNoKeypair;
    std::uint64_t counter = 0;

    bool operator==(const SerialState&) const = default;
};

/// The atomic word that holds a SerialState.
class alignas(16) SerialWord {
  public:
    /// A glance: the halves may be of different moments. compare_exchange tells.
    [[nodiscard]] SerialState glance() const {
        return unpack(__atomic_load_n(&half_[0], __ATOMIC_ACQUIRE),
                      __atomic_load_n(&half_[1], __ATOMIC_ACQUIRE));
    }

    /// Replaces `expected` by `desired` if the word still holds it. A full barrier, unless there is but one
    /// lcore: then it holds what was glanced at.
    [[nodiscard]] bool compare_exchange(const SerialState& expected, const SerialState& desired,
                                        Sharing sharing) {
        if (sharing == Sharing::shared)
            return __sync_bool_compare_and_swap(whole(), pack(expected), pack(desired));
        if (!(glance() == expected)) return false;
        const Whole word = pack(desired);
        __atomic_store_n(&half_[0], static_cast<std::uint64_t>(word), __ATOMIC_RELEASE);
        __atomic_store_n(&half_[1], static_cast<std::uint64_t>(word >> 64), __ATOMIC_RELEASE);
        return true;
    }

  private:
    __extension__ typedef unsigned __int128 Whole;  // NOLINT(modernize-use-using): -Wpedantic

    [[nodiscard]] Whole* whole() { return reinterpret_cast<Whole*>(half_); }
    static Whole pack(const SerialState& s) {
        const std::uint64_t low = (static_cast<std::uint64_t>(s.keypair) << 32) | s.tail;
        return (static_cast<Whole>(s.counter) << 64) | low;
    }
    static SerialState unpack(std::uint64_t low, std::uint64_t high) {
        return {static_cast<BundleIndex>(low), static_cast<KeypairIndex>(low >> 32), high};
    }

    std::uint64_t half_[2] = {(static_cast<std::uint64_t>(kNoKeypair) << 32) | kNoBundle, 0};
};

}  // namespace ringway::dataplane
