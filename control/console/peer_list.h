#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/calls.h"
#include "control/console/ranking.h"
#include "control/tunnels.h"
#include "control/view/viewer.h"

namespace ringway::control::console {

/// Which peers are wanted, and in what order.
struct PeerQuery {
    std::string tunnel;  ///< empty: all
    std::optional<PeerState> state;
    std::string match;  ///< in the name, the key, the endpoint or an allowed IP; empty: anything
    PeerOrder order = PeerOrder::key;
    bool reverse = false;
    std::size_t skip = 0;
    std::size_t count = 0;
};

/// Finds peers among a hundred thousand: the control thread gives a little of each, in pieces, and all of
/// those alone that are shown. Any thread but the control thread.
class PeerList {
  public:
    struct Sources {
        Calls& calls;
        Core& core;
        Tunnels& tunnels;
        Viewer& viewer;
    };
    struct Found {
        std::vector<PeerView> peers;
        /// How many there are without skip and count.
        std::size_t all = 0;
    };

    explicit PeerList(const Sources& sources) : from_(sources) {}

    [[nodiscard]] Found find(const PeerQuery& query) const;
    [[nodiscard]] std::vector<std::string> tunnel_names() const;

  private:
    struct Piece {
        std::vector<PeerRow> rows;
        std::optional<crypto::PublicKey> last;  ///< nothing: the tunnel has no more
    };

    // Control thread.
    [[nodiscard]] Piece rows_after(const PeerQuery& query, const std::string& tunnel,
                                   const std::optional<crypto::PublicKey>& after) const;
    [[nodiscard]] bool is_wanted(const PeerQuery& query, PeerIndex peer) const;
    [[nodiscard]] bool matches(const std::string& text, PeerIndex peer) const;
    [[nodiscard]] PeerRow row_of(PeerOrder order, PeerIndex peer) const;
    [[nodiscard]] std::size_t count_peers(const std::string& tunnel) const;

    [[nodiscard]] std::vector<PeerView> views_of(const std::vector<PeerRow>& rows) const;

    Sources from_;
};

}  // namespace ringway::control::console
