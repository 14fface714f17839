#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/endpoint.h"
#include "dataplane/bundle.h"

namespace ringway::control {

/// What was said of a peer, as far as nothing else keeps it: its name, and the endpoint that it was given,
/// which is not the one that it has roamed to.
struct ConfiguredPeer {
    std::string name;                          ///< may be empty
    std::optional<config::Endpoint> endpoint;  ///< nothing: it calls first
};

/// The configured peers of one tunnel, by place and by name. Control thread.
class ConfiguredPeers {
  public:
    /// Another peer of that name can no longer be found by it.
    void set(dataplane::PeerIndex peer, ConfiguredPeer configured) {
        erase(peer);
        if (!configured.name.empty()) by_name_.insert_or_assign(configured.name, peer);
        peers_.emplace(peer, std::move(configured));
    }
    void erase(dataplane::PeerIndex peer) {
        const auto found = peers_.find(peer);
        if (found == peers_.end()) return;
        // The name may be another's by now: names move in the order of a plan.
        if (const auto named = by_name_.find(found->second.name);
            named != by_name_.end() && named->second == peer)
            by_name_.erase(named);
        peers_.erase(found);
    }
    /// Empty values for one that nothing was said of.
    [[nodiscard]] const ConfiguredPeer& of(dataplane::PeerIndex peer) const {
        static const ConfiguredPeer empty;
        const auto found = peers_.find(peer);
        return found == peers_.end() ? empty : found->second;
    }
    [[nodiscard]] std::optional<dataplane::PeerIndex> find(std::string_view name) const {
        const auto found = by_name_.find(std::string(name));
        if (found == by_name_.end()) return std::nullopt;
        return found->second;
    }

  private:
    std::unordered_map<dataplane::PeerIndex, ConfiguredPeer> peers_;
    std::unordered_map<std::string, dataplane::PeerIndex> by_name_;
};

}  // namespace ringway::control
