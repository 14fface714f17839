#include "control/console/ranking.h"

#include <iterator>
#include <utility>

namespace ringway::control::console {

const std::vector<std::string>& peer_orders() {
    static const std::vector<std::string> kNames = {"key", "name", "endpoint", "handshake",
                                                    "rx",  "tx",   "traffic",  "drops"};
    return kNames;
}

PeerOrder peer_order(std::string_view name) {
    const auto& names = peer_orders();
    const auto found = std::find(names.begin(), names.end(), name);
    return static_cast<PeerOrder>(std::distance(names.begin(), found));
}

PeerRow row_by_number(std::uint64_t number) {
    return {.number = number};
}

PeerRow row_by_name(std::string name) {
    return {.number = name.empty() ? 1U : 0U, .text = std::move(name)};
}

PeerRow row_by_endpoint(const std::optional<dataplane::Endpoint>& endpoint) {
    if (!endpoint) return {.number = 1};
    const dataplane::IpAddress& remote = endpoint->remote;
    // Big-endian throughout, so that text compares as addresses and ports do.
    std::string text(1, remote.family == dataplane::Family::v4 ? '4' : '6');
    text.append(remote.wire().begin(), remote.wire().end());
    text += static_cast<char>(endpoint->remote_port >> 8);
    text += static_cast<char>(endpoint->remote_port & 0xff);
    return {.number = 0, .text = std::move(text)};
}

void Ranking::add(PeerRow row) {
    const auto order = [this](const PeerRow& a, const PeerRow& b) { return before(a, b); };
    if (is_full()) {
        if (rows_.empty() || !before(row, rows_.front())) return;
        std::pop_heap(rows_.begin(), rows_.end(), order);
        rows_.back() = std::move(row);
    } else {
        rows_.push_back(std::move(row));
    }
    std::push_heap(rows_.begin(), rows_.end(), order);
}

std::vector<PeerRow> Ranking::take(std::size_t skip) {
    std::vector<PeerRow> rows = std::exchange(rows_, {});
    std::sort_heap(rows.begin(), rows.end(),
                   [this](const PeerRow& a, const PeerRow& b) { return before(a, b); });
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(skip, rows.size())));
    return rows;
}

}  // namespace ringway::control::console
