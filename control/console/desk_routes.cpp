// Routes, however many there are: taken piece by piece, so that neither the control thread nor memory
// notices how long the list is.

#include <fmt/format.h>

#include <algorithm>

#include "control/console/desk.h"
#include "control/console/screens.h"
#include "control/console/show.h"

namespace ringway::control::console {
namespace {

/// Routes that the control thread is asked for at once.
constexpr std::size_t kRoutesAtOnce = 1000;

}  // namespace

void Desk::add_routes() {
    commands_.push_back(
        {"show routes",
         "the kernel's routes, as packets follow them",
         {},
         {{"page", Parameter::Kind::number, fmt::format("which {}, from 1", kPage)}, kJsonOption},
         [this](const Arguments& arguments) { return show_routes(arguments); }});
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
    std::string text = routes_screen(page.views, arguments.columns());
    if (page.more) text += fmt::format("page {}, more: page {}\n", number, number + 1);
    return {.text = std::move(text)};
}

}  // namespace ringway::control::console
