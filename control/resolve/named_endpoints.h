#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/log/log.h"
#include "control/resolve/name_resolver.h"
#include "control/tunnels.h"
#include "dataplane/clock.h"

namespace ringway::control {

/// Peers whose endpoint is a DNS name: which is asked for when it is configured, again until there is an
/// answer, and again when the peer does not answer where it was. Its next address is tried then. A peer
/// that has roamed is left where it is as long as it answers. Control thread.
class NamedEndpoints final : public EndpointNames {
  public:
    /// Between two attempts for one name, growing from the first to the last.
    static constexpr dataplane::Nanoseconds kFirstPause = 2'000'000'000;
    static constexpr dataplane::Nanoseconds kLongestPause = 120'000'000'000;

    struct Surroundings {
        const dataplane::Clock& clock;
        std::function<void(std::uint64_t ticket, const std::string& host)> ask;
        /// Initiations stay without an answer, or nobody knows where to send them.
        std::function<bool(PeerIndex)> is_failing;
        std::function<dataplane::Endpoint(PeerIndex)> endpoint_of;
        std::function<void(PeerIndex, const dataplane::Endpoint&)> set_endpoint;
    };
    NamedEndpoints(Surroundings surroundings, const Logger& logger)
        : world_(std::move(surroundings)), logger_(logger) {}

    /// Its first answer is where the peer is, wherever it has roamed to.
    void follow(PeerIndex peer, const config::Endpoint& endpoint) override;
    void forget(PeerIndex peer) override { followed_.erase(peer); }
    void answered(const NameResolver::Answer& answer);
    /// Asks again where it is time to. About once a second; costs as much as there are names.
    void look();

    /// Why the peer's name leads nowhere; empty if it does, or if its endpoint is none.
    [[nodiscard]] std::string error_of(PeerIndex peer) const;

  private:
    struct Followed {
        config::Endpoint endpoint;
        std::uint64_t ticket = 0;  ///< of the question under way; 0: none
        dataplane::Nanoseconds next = 0;
        dataplane::Nanoseconds pause = kFirstPause;
        std::string error;
        bool is_new = true;  ///< no answer yet since it was said: the first is followed in any case
    };
    void ask(PeerIndex peer, Followed& followed);

    Surroundings world_;
    Logger logger_;
    std::unordered_map<PeerIndex, Followed> followed_;
    std::unordered_map<std::uint64_t, PeerIndex> asked_;  ///< by ticket
    std::uint64_t last_ticket_ = 0;
};

}  // namespace ringway::control
