#include "control/console/peer_list.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "control/view/json.h"

namespace ringway::control::console {
namespace {

/// Peers that the control thread is asked for at once: well under a millisecond of its time.
constexpr std::size_t kRowsAtOnce = 250;
constexpr std::size_t kViewsAtOnce = 50;

/// Names and the like: which case they are written in does not matter to who looks for them.
bool contains(std::string_view text, std::string_view part) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

std::optional<dataplane::Endpoint> endpoint_of(const dataplane::Peer& peer) {
    const dataplane::Endpoint endpoint = peer.endpoint.read();
    if (!endpoint.is_set()) return std::nullopt;
    return endpoint;
}

}  // namespace

std::vector<std::string> PeerList::tunnel_names() const {
    return from_.calls.call([this] {
        std::vector<std::string> names;
        for (const auto& tunnel : from_.tunnels.all())
            names.push_back(tunnel->name);
        return names;
    });
}

PeerList::Found PeerList::find(const PeerQuery& query) const {
    Ranking ranking(query.skip + query.count, query.reverse);
    const bool all_are_wanted = !query.state && query.match.empty();
    // Then they come in the order that is wanted, and how many there are is known.
    const bool may_stop = all_are_wanted && query.order == PeerOrder::key && !query.reverse;
    Found found;
    for (const std::string& tunnel : query.tunnel.empty() ? tunnel_names() : std::vector{query.tunnel}) {
        if (may_stop) found.all += from_.calls.call([&] { return count_peers(tunnel); });
        std::optional<crypto::PublicKey> after;
        while (!(may_stop && ranking.is_full())) {
            Piece piece = from_.calls.call([&] { return rows_after(query, tunnel, after); });
            if (!may_stop) found.all += piece.rows.size();
            for (PeerRow& row : piece.rows)
                ranking.add(std::move(row));
            if (!piece.last) break;
            after = piece.last;
        }
    }
    found.peers = views_of(ranking.take(query.skip));
    return found;
}

std::size_t PeerList::count_peers(const std::string& tunnel) const {
    const RunningTunnel* running = from_.tunnels.find(tunnel);
    return running == nullptr ? 0 : from_.core.peer_count(running->index);
}

PeerList::Piece PeerList::rows_after(const PeerQuery& query, const std::string& tunnel,
                                     const std::optional<crypto::PublicKey>& after) const {
    const RunningTunnel* running = from_.tunnels.find(tunnel);
    if (running == nullptr) return {};
    Piece piece;
    const auto peers = from_.core.peers_after(running->index, after, kRowsAtOnce);
    for (const PeerIndex peer : peers) {
        if (is_wanted(query, peer)) piece.rows.push_back(row_of(query.order, peer));
    }
    if (peers.size() == kRowsAtOnce) piece.last = from_.core.peer(peers.back())->public_key;
    return piece;
}

bool PeerList::is_wanted(const PeerQuery& query, PeerIndex peer) const {
    if (query.state && from_.viewer.state_of(peer) != *query.state) return false;
    return query.match.empty() || matches(query.match, peer);
}

bool PeerList::matches(const std::string& text, PeerIndex peer) const {
    const PeerRecord& record = *from_.core.peer(peer);
    if (contains(from_.tunnels.given_name_of(peer), text)) return true;
    if (key_text(record.public_key).find(text) != std::string::npos) return true;
    const auto endpoint = endpoint_of(from_.core.dataplane().peers[peer]);
    if (endpoint && contains(endpoint_text(*endpoint), text)) return true;
    return std::any_of(record.allowed_ips.begin(), record.allowed_ips.end(),
                       [&](const auto& prefix) { return contains(prefix.to_string(), text); });
}

PeerRow PeerList::row_of(PeerOrder order, PeerIndex index) const {
    const dataplane::Peer& peer = from_.core.dataplane().peers[index];
    PeerRow row;
    switch (order) {
        case PeerOrder::key:
            break;
        case PeerOrder::name:
            row = row_by_name(from_.tunnels.given_name_of(index));
            break;
        case PeerOrder::endpoint:
            row = row_by_endpoint(endpoint_of(peer));
            break;
        case PeerOrder::handshake:
            row = row_by_number(from_.core.engine().status(index)->last_handshake_unix_ns);
            break;
        case PeerOrder::rx:
            row = row_by_number(peer.rx_bytes.get());
            break;
        case PeerOrder::tx:
            row = row_by_number(peer.tx_bytes.get());
            break;
        case PeerOrder::traffic:
            row = row_by_number(peer.rx_bytes.get() + peer.tx_bytes.get());
            break;
        case PeerOrder::drops:
            row = row_by_number(peer.drops.count());
            break;
    }
    const PeerRecord& record = *from_.core.peer(index);
    row.tunnel = record.tunnel;
    row.key = record.public_key;
    return row;
}

/// Those that are still there.
std::vector<PeerView> PeerList::views_of(const std::vector<PeerRow>& rows) const {
    std::vector<PeerView> views;
    for (std::size_t done = 0; done < rows.size(); done += kViewsAtOnce) {
        from_.calls.call([&] {
            for (std::size_t i = done; i < std::min(rows.size(), done + kViewsAtOnce); ++i) {
                const auto peer = from_.core.find_peer(rows[i].tunnel, rows[i].key);
                if (peer) views.push_back(from_.viewer.peer(*peer));
            }
        });
    }
    return views;
}

}  // namespace ringway::control::console
