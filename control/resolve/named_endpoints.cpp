#include "control/resolve/named_endpoints.h"

#include <algorithm>
#include <utility>

namespace ringway::control {
namespace {

/// The one after the address that did not answer; the first, if that is none of them.
const dataplane::IpAddress& next_of(const std::vector<dataplane::IpAddress>& addresses,
                                    const dataplane::IpAddress& failing) {
    const auto at = std::find(addresses.begin(), addresses.end(), failing);
    if (at == addresses.end() || at + 1 == addresses.end()) return addresses.front();
    return *(at + 1);
}

}  // namespace

void NamedEndpoints::follow(PeerIndex peer, const config::Endpoint& endpoint) {
    Followed& followed = followed_[peer];
    followed = {.endpoint = endpoint, .error = {}};
    ask(peer, followed);
}

void NamedEndpoints::ask(PeerIndex peer, Followed& followed) {
    followed.ticket = ++last_ticket_;
    followed.next = world_.clock.now() + followed.pause;
    followed.pause = std::min(2 * followed.pause, kLongestPause);
    asked_.emplace(followed.ticket, peer);
    world_.ask(followed.ticket, followed.endpoint.name);
}

void NamedEndpoints::answered(const NameResolver::Answer& answer) {
    const auto asked = asked_.find(answer.ticket);
    if (asked == asked_.end()) return;
    const PeerIndex peer = asked->second;
    asked_.erase(asked);
    const auto found = followed_.find(peer);
    // Its name may be another by now, or its place another peer's.
    if (found == followed_.end() || found->second.ticket != answer.ticket) return;
    Followed& followed = found->second;
    followed.ticket = 0;
    if (answer.addresses.empty()) {
        if (followed.error != answer.error) {
            logger_.warning("an endpoint's name can't be resolved",
                            {{"name", followed.endpoint.name}, {"error", answer.error}});
        }
        followed.error = answer.error;
        return;
    }
    followed.error.clear();
    const dataplane::Endpoint before = world_.endpoint_of(peer);
    const bool is_new = std::exchange(followed.is_new, false);
    if (before.is_set() && !is_new && !world_.is_failing(peer)) return;
    const dataplane::Endpoint now{.remote = next_of(answer.addresses, before.remote),
                                  .remote_port = followed.endpoint.address.port,
                                  .local = {}};
    if (before.is_set() && before.remote == now.remote && before.remote_port == now.remote_port) return;
    logger_.info("an endpoint's name was resolved", {{"name", followed.endpoint.name}, {"endpoint", now}});
    world_.set_endpoint(peer, now);
}

void NamedEndpoints::look() {
    const dataplane::Nanoseconds now = world_.clock.now();
    for (auto& [peer, followed] : followed_) {
        if (followed.ticket != 0) continue;
        if (followed.error.empty() && !world_.is_failing(peer)) {
            followed.pause = kFirstPause;
            continue;
        }
        if (now >= followed.next) ask(peer, followed);
    }
}

std::string NamedEndpoints::error_of(PeerIndex peer) const {
    const auto found = followed_.find(peer);
    return found == followed_.end() ? "" : found->second.error;
}

}  // namespace ringway::control
