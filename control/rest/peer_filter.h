#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/rest/message.h"
#include "control/view/view.h"

namespace ringway::control::rest {

/// What a list of peers is narrowed down to: the queries `search`, `state` and `top`.
struct PeerFilter {
    std::string search;              ///< in lower case; empty: any
    std::optional<PeerState> state;  ///< nothing: any
    std::optional<std::size_t> top;  ///< the busiest by bytes, so many at most; nothing: in the order of keys

    /// Throws Problem.
    [[nodiscard]] static PeerFilter of(const Request& request);

    [[nodiscard]] bool narrows() const { return !search.empty() || state || top; }
    /// The text is looked for in name, public key, endpoint and allowed IPs, letters of either case.
    [[nodiscard]] bool fits(const PeerView& peer) const;
};

/// Keeps the `count` busiest of those given to it, in bounded memory.
class BusiestPeers {
  public:
    explicit BusiestPeers(std::size_t count) : count_(count) {}
    void add(PeerView peer);
    /// The busiest first.
    [[nodiscard]] std::vector<PeerView> take();

  private:
    std::size_t count_;
    std::vector<PeerView> heap_;  ///< the least busy at its front
};

}  // namespace ringway::control::rest
