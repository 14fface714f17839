// Handshake messages that arrived together: their Diffie-Hellmans are done together, everything else one
// message after the other.

#include <algorithm>
#include <cassert>
#include <utility>

#include "control/protocol/engine.h"

namespace ringway::control::protocol {

void Engine::on_handshake_messages(std::span<const HandshakeArrival> arrivals, std::span<Verdict> verdicts,
                                   Nanoseconds now) {
    assert(verdicts.size() == arrivals.size());
    for (std::size_t at = 0; at < arrivals.size(); at += kBatch) {
        const std::size_t count = std::min(kBatch, arrivals.size() - at);
        run_batch(arrivals.subspan(at, count), verdicts.subspan(at, count), now);
    }
}

Verdict Engine::on_handshake_message(TunnelId tunnel, std::span<const std::uint8_t> message,
                                     const dataplane::Endpoint& from, Nanoseconds now) {
    const HandshakeArrival arrival{.tunnel = tunnel, .bytes = message, .from = from};
    Verdict verdict = Verdict::bad_length;
    run_batch({&arrival, 1}, {&verdict, 1}, now);
    return verdict;
}

void Engine::run_batch(std::span<const HandshakeArrival> arrivals, std::span<Verdict> verdicts,
                       Nanoseconds now) {
    auto& works = batch_->works;
    const auto each_undecided = [&](const auto& stage) {
        for (std::size_t i = 0; i < arrivals.size(); ++i) {
            if (works[i].is_decided) continue;
            const std::optional<Verdict> verdict = stage(works[i], arrivals[i]);
            if (!verdict) continue;
            verdicts[i] = *verdict;
            works[i].is_decided = true;
        }
    };
    each_undecided([&](Work& work, const HandshakeArrival& arrival) { return check(work, arrival, now); });
    do_asked();
    each_undecided([&](Work& work, const HandshakeArrival& arrival) { return open(work, arrival, now); });
    do_asked();
    each_undecided(
        [&](Work& work, const HandshakeArrival& arrival) { return std::optional(take(work, arrival, now)); });
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        works[i].reset();
        if (const TunnelId tunnel = arrivals[i].tunnel; tunnel < statistics_.tunnels.size())
            ++statistics_.tunnels[tunnel].verdicts[static_cast<std::size_t>(verdicts[i])];
    }
}

std::optional<Verdict> Engine::open(Work& work, const HandshakeArrival& arrival, Nanoseconds now) {
    if (work.type != crypto::MessageType::initiation) return std::nullopt;
    return open_initiation(work, arrival, now);
}

Verdict Engine::take(Work& work, const HandshakeArrival& arrival, Nanoseconds now) {
    switch (work.type) {
        case crypto::MessageType::initiation:
            return take_initiation(work, arrival, now);
        case crypto::MessageType::response:
            return take_response(work, arrival, now);
        default:
            return take_cookie(arrival, now);
    }
}

void Engine::ask(std::span<const crypto::X25519Job> jobs) {
    assert(asked_count_ + jobs.size() <= asked_.size());
    for (const crypto::X25519Job& job : jobs)
        asked_[asked_count_++] = job;
}

void Engine::do_asked() {
    crypto::x25519_batch({asked_.data(), std::exchange(asked_count_, 0)}, x25519_);
}

}  // namespace ringway::control::protocol
