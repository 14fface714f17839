#include "control/protocol/strangers.h"

#include <algorithm>

namespace ringway::control::protocol {
namespace {

bool same_place(const Stranger& stranger, TunnelId tunnel, const dataplane::Endpoint& from) {
    return stranger.at != 0 && stranger.tunnel == tunnel && stranger.from.remote == from.remote &&
           stranger.from.remote_port == from.remote_port;
}

}  // namespace

void Strangers::note(const Stranger& stranger) {
    const auto known = std::ranges::find_if(
        kept_, [&](const Stranger& kept) { return same_place(kept, stranger.tunnel, stranger.from); });
    Stranger& place = known != kept_.end() ? *known : *std::ranges::min_element(kept_, {}, &Stranger::at);
    place = stranger;
}

std::optional<Stranger> Strangers::at(TunnelId tunnel, const dataplane::Endpoint& from) const {
    const auto found =
        std::ranges::find_if(kept_, [&](const Stranger& kept) { return same_place(kept, tunnel, from); });
    if (found == kept_.end()) return std::nullopt;
    return *found;
}

std::optional<Stranger> Strangers::last_unknown(TunnelId tunnel) const {
    const Stranger* last = nullptr;
    for (const Stranger& kept : kept_) {
        if (kept.at == 0 || kept.tunnel != tunnel || kept.verdict != Verdict::unknown_peer) continue;
        if (last == nullptr || kept.at > last->at) last = &kept;
    }
    if (last == nullptr) return std::nullopt;
    return *last;
}

}  // namespace ringway::control::protocol
