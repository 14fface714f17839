#include "tests/simulation/network.h"

#include "control/protocol/durations.h"

namespace ringway::simulation {

using control::protocol::ns;

namespace {

using namespace std::chrono_literals;

constexpr WorldTime kLatency = ns(5ms);
constexpr std::size_t kRemembered = 200;

}  // namespace

Weather Weather::any(Chance& chance) {
    Weather weather;
    if (chance.happens(0.2)) return weather;
    if (chance.happens(0.6)) weather.loss = chance.fraction() * (chance.happens(0.2) ? 1 : 0.3);
    if (chance.happens(0.5)) weather.duplication = 0.3 * chance.fraction();
    if (chance.happens(0.5)) weather.corruption = 0.3 * chance.fraction();
    if (chance.happens(0.3)) weather.straggling = 0.1 * chance.fraction();
    if (chance.happens(0.6)) weather.jitter = chance.below(ns(3s));
    return weather;
}

void Network::send(Datagram datagram, NodeNumber from, NodeNumber to) {
    datagram.sent = agenda_.now();
    remember(datagram);
    const bool apart = to != kNobody && ((sides_ >> from) & 1) != ((sides_ >> to) & 1);
    if (apart || chance_.happens(weather_.loss)) return;
    carry(datagram);
    if (chance_.happens(weather_.duplication)) carry(datagram);
}

void Network::carry(const Datagram& datagram) {
    WorldTime delay = kLatency;
    if (weather_.jitter != 0) delay += chance_.below(weather_.jitter);
    if (chance_.happens(weather_.straggling)) delay += chance_.below(ns(200s));
    Datagram copy = datagram;
    if (chance_.happens(weather_.corruption)) corrupt(copy.bytes);
    agenda_.after(delay, [this, copy = std::move(copy)] { deliver_(copy); });
}

void Network::corrupt(Bytes& bytes) {
    switch (chance_.below(4)) {
        case 0:
            bytes.resize(chance_.below(bytes.size()));
            break;
        case 1:
            bytes.resize(bytes.size() + chance_.between(1, 64));
            break;
        default:
            bytes[chance_.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << chance_.below(8));
    }
}

void Network::remember(const Datagram& datagram) {
    if (past_.size() < kRemembered) {
        past_.push_back(datagram);
    } else {
        past_[chance_.below(kRemembered)] = datagram;
    }
}

void Network::replay(std::uint64_t count) {
    if (past_.empty()) return;
    for (std::uint64_t i = 0; i < count; ++i) {
        Datagram datagram = past_[chance_.below(past_.size())];
        if (chance_.happens(0.3)) corrupt(datagram.bytes);
        if (chance_.happens(0.2)) datagram.to = past_[chance_.below(past_.size())].to;
        agenda_.after(chance_.below(ns(2s)), [this, datagram = std::move(datagram)] { deliver_(datagram); });
    }
}

}  // namespace ringway::simulation
