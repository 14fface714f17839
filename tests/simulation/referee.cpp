#include "tests/simulation/referee.h"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

namespace ringway::simulation {
namespace {

std::uint64_t digest_of(std::span<const std::uint8_t> message) {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(message.data()), message.size()});
}

}  // namespace

void Referee::blow(const std::string& rule, NodeNumber node, const std::string& what) const {
    throw Violation(fmt::format("{}: node {} at {:.3f} s: {}", rule, node,
                                static_cast<double>(agenda_.now()) / 1e9, what));
}

Referee::Print Referee::print_of(const crypto::SymmetricKey& key) {
    Print print = 0;
    std::memcpy(&print, key.data(), sizeof(print));
    return print;
}

void Referee::installed(NodeNumber node, NodeNumber peer, const crypto::TransportKeys& keys) {
    const auto [place, is_new] = installed_.try_emplace(
        print_of(keys.send), Installed{.node = node, .peer = peer, .receive = print_of(keys.receive)});
    if (!is_new) blow("shared keys", node, "a session has the key of another one");
}

void Referee::in_use(NodeNumber node, NodeNumber peer, const crypto::TransportKeys& keys) {
    const auto other = installed_.find(print_of(keys.receive));
    if (other == installed_.end())
        blow("authentic", node, fmt::format("uses a session that node {} has not", peer));
    const Installed& theirs = other->second;
    if (theirs.node != peer || theirs.peer != node || theirs.receive != print_of(keys.send))
        blow("authentic", node, fmt::format("shares keys with node {} instead of {}", theirs.node, peer));
}

void Referee::sealed(NodeNumber by, const crypto::SymmetricKey& key, std::uint64_t counter,
                     std::span<const std::uint8_t> message) {
    const Use use{print_of(key), counter};
    if (!sealed_.try_emplace(use, Sealed{.by = by, .digest = digest_of(message)}).second)
        blow("counter used once", by, fmt::format("seals twice with counter {}", counter));
}

void Referee::accepted(NodeNumber node, NodeNumber peer, const crypto::SymmetricKey& key,
                       std::uint64_t counter, std::span<const std::uint8_t> message) {
    const Use use{print_of(key), counter};
    const auto sealed = sealed_.find(use);
    if (sealed == sealed_.end() || sealed->second.digest != digest_of(message))
        blow("authentic", node, fmt::format("accepts what nobody sealed, counter {}", counter));
    if (sealed->second.by != peer)
        blow("authentic", node, fmt::format("takes node {} for node {}", sealed->second.by, peer));
    if (!accepted_.insert(use).second)
        blow("accepted once", node, fmt::format("accepts counter {} again", counter));
}

}  // namespace ringway::simulation
