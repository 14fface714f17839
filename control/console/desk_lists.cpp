// Lists that may be long, peers and routes: taken piece by piece, so that neither the control thread nor
// memory notices how long they are.

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

/// Peers and routes that the control thread is asked for at once.
constexpr std::size_t kPeersAtOnce = 100;
constexpr std::size_t kNamesAtOnce = 500;
constexpr std::size_t kRoutesAtOnce = 1000;
/// Names listed on TAB.
constexpr std::size_t kMaxNames = 48;

std::optional<crypto::PublicKey> key_of(const std::string& text) {
    auto key = config::decode_public_key(text);
    if (!key) key = config::decode_public_key(text, config::Base64::url);
    if (!key) return std::nullopt;
    return to_key(*key);
}

std::uint64_t bytes_of(const PeerView& peer) {
    return peer.rx_bytes + peer.tx_bytes;
}

/// Keeps the first and the last of the names, so that what they have in common is what all have.
void keep_some(std::set<std::string>& names, std::size_t& more) {
    if (names.size() <= kMaxNames) return;
    names.erase(std::prev(names.end(), 2));
    ++more;
}

}  // namespace

void Desk::add_lists() {
    using Kind = Parameter::Kind;
    const Parameter tunnel{"tunnel", Kind::tunnel, "of one tunnel only"};
    const Parameter page{"page", Kind::number, fmt::format("which {}, from 1", kPage)};
    commands_.push_back({"show peers",
                         "peers in the order of their keys, or the busiest",
                         {},
                         {tunnel,
                          {"state", Kind::choice, "in that state only", {"up", "handshaking", "idle"}},
                          {"top", Kind::number, fmt::format("the busiest by bytes, at most {}", kMaxTop)},
                          page,
                          kJsonOption},
                         [this](const Arguments& arguments) { return show_peers(arguments); }});
    commands_.push_back(
        {"show peer",
         "one peer, and why it has no session",
         {{"peer", Kind::peer, "its name or public key"}},
         {{"tunnel", Kind::tunnel, "where several tunnels have a peer of that name"}, kJsonOption},
         [this](const Arguments& arguments) { return show_peer(arguments); }});
    commands_.push_back({"show routes",
                         "the kernel's routes, as packets follow them",
                         {},
                         {page, kJsonOption},
                         [this](const Arguments& arguments) { return show_routes(arguments); }});
}

std::vector<std::string> Desk::tunnel_names() {
    return from_.calls.call([this] {
        std::vector<std::string> names;
        for (const auto& tunnel : from_.tunnels.all())
            names.push_back(tunnel->name);
        return names;
    });
}

void Desk::for_each_peer(const std::string& tunnel, const std::function<bool(PeerView&&)>& visit) {
    for (const std::string& name : tunnel.empty() ? tunnel_names() : std::vector{tunnel}) {
        std::optional<crypto::PublicKey> after;
        while (true) {
            std::vector<PeerView> piece = from_.calls.call([&] {
                std::vector<PeerView> views;
                const RunningTunnel* running = from_.tunnels.find(name);
                if (running == nullptr) return views;
                for (const PeerIndex peer : from_.core.peers_after(running->index, after, kPeersAtOnce))
                    views.push_back(from_.viewer.peer(peer));
                return views;
            });
            if (piece.empty()) break;
            after = piece.back().public_key;
            for (PeerView& view : piece) {
                if (!visit(std::move(view))) return;
            }
        }
    }
}

Desk::Page<PeerView> Desk::page_of_peers(const std::string& tunnel, const Wanted& wanted,
                                         std::size_t number) {
    Page<PeerView> page{.views = {}, .number = number};
    std::size_t skip = (number - 1) * kPage;
    for_each_peer(tunnel, [&](PeerView&& view) {
        if (!wanted(view)) return true;
        if (skip > 0) {
            --skip;
            return true;
        }
        page.more = page.views.size() == kPage;
        if (!page.more) page.views.push_back(std::move(view));
        return !page.more;
    });
    return page;
}

std::vector<PeerView> Desk::top_peers(const std::string& tunnel, const Wanted& wanted, std::size_t count) {
    const auto busier = [](const PeerView& a, const PeerView& b) { return bytes_of(a) > bytes_of(b); };
    std::vector<PeerView> top;  // a heap, the least busy at its front
    for_each_peer(tunnel, [&](PeerView&& view) {
        if (!wanted(view)) return true;
        top.push_back(std::move(view));
        std::push_heap(top.begin(), top.end(), busier);
        if (top.size() > count) {
            std::pop_heap(top.begin(), top.end(), busier);
            top.pop_back();
        }
        return true;
    });
    std::sort_heap(top.begin(), top.end(), busier);
    return top;
}

Answer Desk::show_peers(const Arguments& arguments) {
    const std::string tunnel = arguments.text("tunnel");
    if (!tunnel.empty()) {
        const auto known = tunnel_names();
        if (std::find(known.begin(), known.end(), tunnel) == known.end())
            return refuse("there is no tunnel of that name");
    }
    const std::string state = arguments.text("state");
    const Wanted wanted = [&](const PeerView& peer) { return state.empty() || name(peer.state) == state; };
    if (arguments.has("top")) {
        const std::size_t count = arguments.number("top", 0);
        if (count == 0 || count > kMaxTop) return refuse(fmt::format("top: expected 1 to {}", kMaxTop));
        if (arguments.has("page")) return refuse("top and page do not go together");
        const std::vector<PeerView> top = top_peers(tunnel, wanted, count);
        if (wants_json(arguments)) return json_answer(items_json(top));
        return {.text = peers_screen(top, unix_nanoseconds())};
    }
    const std::size_t number = arguments.number("page", 1);
    if (number == 0) return refuse("page: the first is 1");
    const Page<PeerView> page = page_of_peers(tunnel, wanted, number);
    if (wants_json(arguments)) {
        Json json = items_json(page.views);
        json["next_page"] = page.more ? Json(number + 1) : Json(nullptr);
        return json_answer(json);
    }
    if (page.views.empty()) return {.text = number == 1 ? "no such peers\n" : "no such page\n"};
    std::string text = peers_screen(page.views, unix_nanoseconds());
    if (page.more || number > 1)
        text += fmt::format("page {}{}\n", number,
                            page.more ? fmt::format(", more: page {}", number + 1) : ", the last");
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
    if (found.empty()) return refuse("there is no such peer: give its name or its public key");
    if (found.size() > 1) return refuse("several tunnels have such a peer: add 'tunnel' and which");
    if (wants_json(arguments)) return json_answer(to_json(found.front()));
    return {.text = peer_screen(found.front(), unix_nanoseconds())};
}

RouteView Desk::view_of(const RouteMirror::Mirrored& route, const Namespace& n) const {
    using Kind = dataplane::NextHop::Kind;
    RouteView view{.netns = n.handle.name(),
                   .prefix = route.prefix,
                   .kind = route.hop.kind,
                   .to = {},
                   .gateway = route.hop.gateway,
                   .source = route.hop.source};
    if (view.kind == Kind::port) view.to = from_.ports[route.hop.port].name;
    if (view.kind == Kind::tunnel) view.to = from_.tunnels.all()[route.hop.tunnel]->name;
    return view;
}

Desk::Page<RouteView> Desk::page_of_routes(std::size_t number) {
    Page<RouteView> page{.views = {}, .number = number};
    std::size_t skip = (number - 1) * kPage;
    const std::size_t namespaces = from_.calls.call([this] { return from_.namespaces.all().size(); });
    for (std::size_t n = 0; n < namespaces && !page.more; ++n) {
        std::optional<dataplane::IpPrefix> after;
        for (bool ended = false; !ended && !page.more;) {
            from_.calls.call([&] {
                const Namespace& space = *from_.namespaces.all()[n];
                const auto piece = space.routes->routes_after(after, kRoutesAtOnce);
                ended = piece.size() < kRoutesAtOnce;
                if (!piece.empty()) after = piece.back().prefix;
                const std::size_t skipped = std::min(skip, piece.size());
                skip -= skipped;
                for (std::size_t i = skipped; i < piece.size() && !page.more; ++i) {
                    page.more = page.views.size() == kPage;
                    if (!page.more) page.views.push_back(view_of(piece[i], space));
                }
            });
        }
    }
    return page;
}

Answer Desk::show_routes(const Arguments& arguments) {
    const std::size_t number = arguments.number("page", 1);
    if (number == 0) return refuse("page: the first is 1");
    const Page<RouteView> page = page_of_routes(number);
    if (wants_json(arguments)) {
        Json json = items_json(page.views);
        json["next_page"] = page.more ? Json(number + 1) : Json(nullptr);
        return json_answer(json);
    }
    std::string text = routes_screen(page.views);
    if (page.more) text += fmt::format("page {}, more: page {}\n", number, number + 1);
    return {.text = std::move(text)};
}

Names Desk::complete(Parameter::Kind kind, const std::string& partial) {
    if (kind == Parameter::Kind::peer) return peer_names(partial);
    Names names;
    for (std::string& name : tunnel_names()) {
        if (name.starts_with(partial)) names.names.push_back(std::move(name));
    }
    return names;
}

Names Desk::peer_names(const std::string& partial) {
    std::set<std::string> kept;
    Names names;
    for (const std::string& tunnel : tunnel_names()) {
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
