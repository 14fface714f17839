// Peers, however many there are.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/base64.h"
#include "control/console/desk.h"
#include "control/console/screens.h"
#include "control/console/show.h"
#include "control/convert.h"
#include "control/unix_time.h"

namespace ringway::control::console {
namespace {

/// Names that the control thread is asked for at once, and those listed on TAB.
constexpr std::size_t kNamesAtOnce = 500;
constexpr std::size_t kMaxNames = 48;

const std::vector<std::string> kStates = {"up", "handshaking", "idle"};

std::optional<crypto::PublicKey> key_of(const std::string& text) {
    auto key = config::decode_public_key(text);
    if (!key) key = config::decode_public_key(text, config::Base64::url);
    if (!key) return std::nullopt;
    return to_key(*key);
}

PeerState state_of(const std::string& text) {
    for (const PeerState state : {PeerState::up, PeerState::handshaking}) {
        if (name(state) == text) return state;
    }
    return PeerState::idle;
}

/// Keeps the first and the last of the names, so that what they have in common is what all have.
void keep_some(std::set<std::string>& names, std::size_t& more) {
    if (names.size() <= kMaxNames) return;
    names.erase(std::prev(names.end(), 2));
    ++more;
}

/// Below a table of which there is more.
std::string place_text(const PeerQuery& query, const PeerList::Found& found, std::size_t page) {
    const std::size_t last = query.skip + found.peers.size();
    if (query.skip == 0 && last >= found.all) return "";
    std::string text = fmt::format("{} to {} of {}", query.skip + 1, last, found.all);
    if (last < found.all) text += fmt::format("; next: page {}", page + 1);
    return text + "\n";
}

}  // namespace

void Desk::add_peers() {
    using Kind = Parameter::Kind;
    commands_.push_back(
        {"show peers",
         "a page of peers: sorted, filtered, or the busiest",
         {},
         {{"sort", Kind::choice, "by what, the smallest first", peer_orders()},
          {"reverse", Kind::flag, "the greatest first"},
          {"top", Kind::number, fmt::format("that many, the busiest first; at most {}", kMaxTop)},
          {"state", Kind::choice, "in that state only", kStates},
          {"match", Kind::text, "with that in name, key, endpoint or allowed IP"},
          {"tunnel", Kind::tunnel, "of one tunnel only"},
          {"page", Kind::number, fmt::format("which {}, from 1", kPage)},
          kJsonOption},
         [this](const Arguments& arguments) { return show_peers(arguments); }});
    commands_.push_back(
        {"show peer",
         "one peer, and why it has no session",
         {{"peer", Kind::peer, "its name or public key"}},
         {{"tunnel", Kind::tunnel, "where several tunnels have a peer of that name"}, kJsonOption},
         [this](const Arguments& arguments) { return show_peer(arguments); }});
}

Answer Desk::show_peers(const Arguments& arguments) {
    PeerQuery query{.tunnel = arguments.text("tunnel"), .match = arguments.text("match")};
    if (!query.tunnel.empty()) {
        const auto known = list_.tunnel_names();
        if (std::find(known.begin(), known.end(), query.tunnel) == known.end())
            return refuse("there is no tunnel of that name");
    }
    if (arguments.has("state")) query.state = state_of(arguments.text("state"));
    if (arguments.has("sort")) query.order = peer_order(arguments.text("sort"));
    query.reverse = arguments.has("reverse");
    query.count = kPage;
    const std::size_t page = arguments.number("page", 1);
    if (page == 0) return refuse("page: the first is 1");
    query.skip = (page - 1) * kPage;
    if (arguments.has("top")) {
        query.count = arguments.number("top", 0);
        if (query.count == 0 || query.count > kMaxTop)
            return refuse(fmt::format("top: expected 1 to {}", kMaxTop));
        if (arguments.has("page") || query.reverse)
            return refuse("top goes with neither page nor reverse: it is the greatest, and all of them");
        if (!arguments.has("sort")) query.order = PeerOrder::traffic;
        query.reverse = true;
    }
    return answer_with(query, page, arguments);
}

Answer Desk::answer_with(const PeerQuery& query, std::size_t page, const Arguments& arguments) const {
    const PeerList::Found found = list_.find(query);
    const bool is_top = arguments.has("top");
    if (wants_json(arguments)) {
        Json json = items_json(found.peers);
        json["peers"] = found.all;
        const bool more = !is_top && query.skip + found.peers.size() < found.all;
        json["next_page"] = more ? Json(page + 1) : Json(nullptr);
        return json_answer(json);
    }
    if (found.peers.empty()) {
        return {.text = found.all == 0 ? "no such peers\n"
                                       : fmt::format("no such page: there are {} peers\n", found.all)};
    }
    std::string text = peers_screen(found.peers, unix_nanoseconds(), arguments.columns());
    if (!is_top) text += place_text(query, found, page);
    return {.text = std::move(text)};
}

std::vector<PeerIndex> Desk::find_peers(const std::string& tunnel, const std::string& name) const {
    const auto key = key_of(name);
    std::vector<PeerIndex> found;
    for (const auto& running : from_.tunnels.all()) {
        if (!tunnel.empty() && running->name != tunnel) continue;
        const auto peer =
            key ? from_.core.find_peer(running->index, *key) : from_.tunnels.find_named(*running, name);
        if (peer) found.push_back(*peer);
    }
    return found;
}

Answer Desk::show_peer(const Arguments& arguments) {
    const std::vector<PeerView> found = from_.calls.call([&] {
        std::vector<PeerView> all;
        for (const PeerIndex peer : find_peers(arguments.text("tunnel"), arguments.text("peer")))
            all.push_back(from_.viewer.peer(peer));
        return all;
    });
    if (found.empty()) return refuse(kNoSuchPeer);
    if (found.size() > 1) return refuse(kSeveralPeers);
    if (wants_json(arguments)) return json_answer(to_json(found.front()));
    return {.text = peer_screen(found.front(), unix_nanoseconds(), arguments.columns())};
}

Names Desk::complete(Parameter::Kind kind, const std::string& partial) {
    if (kind == Parameter::Kind::peer) return peer_names(partial);
    Names names;
    for (std::string& name : list_.tunnel_names()) {
        if (name.starts_with(partial)) names.names.push_back(std::move(name));
    }
    return names;
}

Names Desk::peer_names(const std::string& partial) {
    std::set<std::string> kept;
    Names names;
    for (const std::string& tunnel : list_.tunnel_names()) {
        std::optional<crypto::PublicKey> after;
        for (std::size_t taken = kNamesAtOnce; taken == kNamesAtOnce;) {
            taken = from_.calls.call([&]() -> std::size_t {
                const RunningTunnel* running = from_.tunnels.find(tunnel);
                if (running == nullptr) return 0;
                const auto piece = from_.core.peers_after(running->index, after, kNamesAtOnce);
                for (const PeerIndex peer : piece) {
                    std::string name = from_.tunnels.name_of(peer);
                    if (!name.starts_with(partial)) continue;
                    kept.insert(std::move(name));
                    keep_some(kept, names.more);
                }
                if (!piece.empty()) after = from_.core.peer(piece.back())->public_key;
                return piece.size();
            });
        }
    }
    names.names.assign(kept.begin(), kept.end());
    return names;
}

}  // namespace ringway::control::console
