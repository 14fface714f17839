#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keys.h"
#include "dataplane/endpoint.h"

namespace ringway::control::console {

/// What peers can be sorted by.
enum class PeerOrder : std::uint8_t { key, name, endpoint, handshake, rx, tx, traffic, drops };
/// As the operator writes them, in the order of the values.
[[nodiscard]] const std::vector<std::string>& peer_orders();
/// REQUIRES: one of peer_orders().
[[nodiscard]] PeerOrder peer_order(std::string_view name);

/// As much of a peer as a list needs to put it in its place: number before text, then its place in the
/// configuration, so that no two are alike.
struct PeerRow {
    std::uint64_t number = 0;
    std::string text = {};
    std::uint16_t tunnel = 0;
    crypto::PublicKey key = {};

    auto operator<=>(const PeerRow&) const = default;
};

// What rows are made of. Those that lack the thing come last, so that it is seen who has it.
[[nodiscard]] PeerRow row_by_number(std::uint64_t number);
[[nodiscard]] PeerRow row_by_name(std::string name);
[[nodiscard]] PeerRow row_by_endpoint(const std::optional<dataplane::Endpoint>& endpoint);

/// The first of many rows, never holding more than are wanted.
class Ranking {
  public:
    Ranking(std::size_t keep, bool reverse) : keep_(keep), reverse_(reverse) {}

    void add(PeerRow row);
    [[nodiscard]] bool is_full() const { return rows_.size() == keep_; }
    /// In their order, without the first `skip`.
    [[nodiscard]] std::vector<PeerRow> take(std::size_t skip);

  private:
    [[nodiscard]] bool before(const PeerRow& a, const PeerRow& b) const { return reverse_ ? b < a : a < b; }

    std::size_t keep_;
    bool reverse_;
    std::vector<PeerRow> rows_;  ///< a heap, the last of them at its front
};

}  // namespace ringway::control::console
