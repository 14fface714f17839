#pragma once

#include <optional>

#include "dataplane/dataplane.h"
#include "dataplane/lcore.h"
#include "dataplane/ready_signals.h"

namespace ringway::dataplane {

/// A fresh bundle in `open` under `key`, after close() has been called if there was no room for it; null when
/// all bundles are in flight.
template <typename Close>
[[nodiscard]] Bundle* open_bundle(Lcore& lcore, OpenBundles& open, std::uint32_t key, Close&& close) {
    if (open.full()) close();
    Bundle* bundle = lcore.bundles.take(lcore.stage_began);
    if (bundle != nullptr) open.open(key, bundle);
    return bundle;
}

/// Admission (P7): whether a bundle may enter its peer's queue, or must be dropped before any crypto is
/// spent on it, and why. Memory comes first: what is in flight never takes the packets that receive
/// queues and handshakes need to go on.
[[nodiscard]] inline std::optional<DropReason> refusal(const Lcore& lcore, const SerialQueue& queue,
                                                       const Bundle& bundle, DropReason queue_full) {
    if (lcore.memory_short) return DropReason::memory_short;
    if (queue.depth() + bundle.count > lcore.plane.options.queue_limit) return queue_full;
    return std::nullopt;
}

/// Hands what submit() has collected to the crypto lcores, in one ring operation. Bundles that the
/// device-wide ring refuses are marked dead and leave in their order, as counted drops.
inline void submit_collected(Lcore& lcore) {
    if (lcore.collected.bundles().empty()) return;
    lcore.counters.ring_operations.add();
    const std::size_t taken = lcore.plane.crypto.push_some(lcore.collected.bundles());
    ReadySignals signals(lcore);
    for (Bundle* bundle : lcore.collected.bundles().subspan(taken)) {
        const Ready ready{bundle->peer, bundle->direction};
        const std::uint16_t tx = bundle->tx;
        bundle->state.store(Bundle::State::dead, std::memory_order_release);
        signals.signal(ready, tx);
    }
    lcore.collected.clear();
}

/// A bundle that is linked into its peer's queue, for the crypto lcores. It leaves with the others of this
/// turn of the stage: see submit_collected().
inline void submit(Lcore& lcore, Bundle* bundle) {
    lcore.counters.bundles.add();
    lcore.collected.add(bundle);
    if (lcore.collected.full()) submit_collected(lcore);
}

}  // namespace ringway::dataplane
