#pragma once

#include <stdexcept>

#include "control/console/command.h"

namespace ringway::control::console {

/// A table of commands in the manner of the real one, whose answers say what was understood.
inline Commands sample_commands() {
    using Kind = Parameter::Kind;
    const Parameter json{"json", Kind::flag, "as JSON"};
    return {
        {"show status",
         "the whole",
         {},
         {json},
         [](const Arguments& a) { return Answer{.text = a.has("json") ? "status json\n" : "status\n"}; }},
        {"show peers",
         "the peers",
         {},
         {{"tunnel", Kind::tunnel, "of one tunnel"},
          {"state", Kind::choice, "in a state", {"up", "idle"}},
          {"top", Kind::number, "the busiest"},
          json},
         [](const Arguments& a) {
             return Answer{.text = "peers " + a.text("tunnel") + "," + a.text("state") + "," +
                                   std::to_string(a.number("top", 0)) + (a.has("json") ? ",json" : "") +
                                   "\n"};
         }},
        {"show peer",
         "one peer",
         {{"peer", Kind::peer, "which"}},
         {json},
         [](const Arguments& a) { return Answer{.text = "peer " + a.text("peer") + "\n"}; }},
        {"fail", "throws", {}, {}, [](const Arguments&) -> Answer { throw std::runtime_error("no luck"); }},
        {"quit", "the end", {}, {}, [](const Arguments&) { return Answer{.next = Answer::Next::close}; }},
    };
}

inline Names sample_names(Parameter::Kind kind, const std::string& partial) {
    Names names;
    for (const char* name : {"alice", "albert", "bob"}) {
        if (kind == Parameter::Kind::peer && std::string_view(name).starts_with(partial))
            names.names.emplace_back(name);
    }
    if (kind == Parameter::Kind::tunnel) names.names.emplace_back("wg0");
    return names;
}

}  // namespace ringway::control::console
