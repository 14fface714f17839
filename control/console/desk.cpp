#include "control/console/desk.h"

#include <fmt/format.h>

#include "control/console/screens.h"
#include "control/console/show.h"
#include "control/unix_time.h"
#include "control/version.h"

namespace ringway::control::console {

Desk::Desk(const Sources& sources)
    : from_(sources), list_({sources.calls, sources.core, sources.tunnels, sources.viewer}) {
    add_views();
    add_peers();
    add_routes();
    add_changes();
    add_commits();
    add_settings();
    add_service();
}

Baseline Desk::baseline() const {
    const std::lock_guard lock(mutex_);
    return baseline_;
}

std::string Desk::since_text(const Baseline& base) {
    return base.unix_nanoseconds == 0 ? "" : "since " + time_text(base.unix_nanoseconds) + ":\n";
}

void Desk::add_views() {
    const auto add = [this](std::string words, std::string help, const auto& take, const auto& screen) {
        commands_.push_back(
            {std::move(words), std::move(help), {}, {kJsonOption}, [=](const Arguments& arguments) {
                 const auto views = take();
                 return wants_json(arguments) ? json_answer(items_json(views))
                                              : Answer{.text = screen(views, arguments.columns())};
             }});
    };
    commands_.push_back(
        {"show status", "the gateway as a whole", {}, {kJsonOption}, [this](const Arguments& arguments) {
             const StatusView view = from_.calls.call([this] { return from_.viewer.status(); });
             if (wants_json(arguments)) {
                 Json json = to_json(view);
                 json["version"] = kVersion;
                 return json_answer(json);
             }
             const Baseline base = baseline();
             return Answer{.text = since_text(base) + status_screen(since(base, view), arguments.columns())};
         }});
    add(
        "show ports", "ports and their device's counters",
        [this] { return from_.calls.call([this] { return from_.viewer.ports(); }); },
        [this](const std::vector<PortView>& views, std::size_t columns) {
            const Baseline base = baseline();
            return since_text(base) + ports_screen(since(base, views), columns);
        });
    commands_.push_back(
        {"show lcores",
         "polling CPUs: busy share, cycles per packet of each stage, batch sizes",
         {},
         {kJsonOption},
         [this](const Arguments& arguments) {
             const auto [views, uptime] = from_.calls.call([this] {
                 return std::pair{from_.viewer.lcores(), from_.viewer.status().uptime_seconds};
             });
             if (wants_json(arguments)) return json_answer(items_json(views));
             const Baseline base = baseline();
             return Answer{.text = since_text(base) + lcores_screen(since(base, views),
                                                                    uptime - base.status.uptime_seconds,
                                                                    arguments.columns())};
         }});
    add(
        "show rings", "queues between threads, and how full they are",
        [this] { return from_.calls.call([this] { return from_.viewer.rings(); }); }, rings_screen);
    add(
        "show tunnels", "tunnels and how they forward",
        [this] { return from_.calls.call([this] { return from_.viewer.tunnels(); }); }, tunnels_screen);
    commands_.push_back({"show drops",
                         "dropped packets by reason, and the sum of all packets",
                         {},
                         {kJsonOption},
                         [this](const Arguments& arguments) {
                             const DropsView view = from_.calls.call([this] { return from_.viewer.drops(); });
                             if (wants_json(arguments)) return json_answer(to_json(view));
                             const Baseline base = baseline();
                             return Answer{.text = since_text(base) +
                                                   drops_screen(since(base, view), arguments.columns())};
                         }});
}

void Desk::add_service() {
    commands_.push_back({"clear stats",
                         "status, ports, lcores and drops count from now in tables; JSON and REST go on",
                         {},
                         {},
                         [this](const Arguments&) { return clear_stats(); }});
    commands_.push_back({"help", "this list", {}, {}, [this](const Arguments& arguments) {
                             return Answer{.text = help_text(commands_, arguments.columns())};
                         }});
    commands_.push_back({"quit",
                         "closes this console; on the gateway's own terminal it stops the gateway",
                         {},
                         {},
                         [](const Arguments&) { return Answer{.next = Answer::Next::close}; }});
}

Answer Desk::clear_stats() {
    Baseline now = from_.calls.call([this] {
        return Baseline{.unix_nanoseconds = unix_nanoseconds(),
                        .status = from_.viewer.status(),
                        .ports = from_.viewer.ports(),
                        .lcores = from_.viewer.lcores(),
                        .drops = from_.viewer.drops()};
    });
    const std::lock_guard lock(mutex_);
    baseline_ = std::move(now);
    return {.text = "tables of all consoles count from now; the counters themselves go on\n"};
}

}  // namespace ringway::control::console
