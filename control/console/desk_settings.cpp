// Commands that change what runs, one thing at a time.

#include <fmt/format.h>

#include <array>
#include <utility>

#include "control/console/desk.h"
#include "control/console/peer_fields.h"
#include "control/view/json.h"

namespace ringway::control::console {
namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {{{"debug", LogLevel::debug},
                                                                           {"info", LogLevel::info},
                                                                           {"warning", LogLevel::warning},
                                                                           {"error", LogLevel::error}}};

std::vector<std::string> level_names() {
    std::vector<std::string> names;
    for (const auto& [name, level] : kLevels)
        names.emplace_back(name);
    return names;
}

}  // namespace

void Desk::add_settings() {
    using Kind = Parameter::Kind;
    std::vector<Parameter> fields = peer_fields();
    fields.push_back({"tunnel", Kind::tunnel, "where several tunnels have a peer of that name"});
    commands_.push_back({"set peer",
                         "changes what is named of a peer, its session goes on; 'save' keeps it",
                         {{"peer", Kind::peer, "its name or public key"}},
                         std::move(fields),
                         [this](const Arguments& arguments) { return set_peer(arguments); }});
    commands_.push_back({"set log level",
                         "what is logged, that and worse; until a reload",
                         {{"level", Kind::choice, "the least that is logged", level_names()}},
                         {},
                         [this](const Arguments& arguments) { return set_log_level(arguments); }});
}

Answer Desk::set_log_level(const Arguments& arguments) {
    const std::string wanted = arguments.text("level");
    for (const auto& [name, level] : kLevels) {
        if (name == wanted) from_.set_log_level(level);
    }
    return {.text = "the log level is " + wanted + "\n"};
}

Answer Desk::set_peer(const Arguments& arguments) {
    if (!names_a_field(arguments)) return refuse("name what to change: 'set peer NAME ?' lists it");
    std::string refused;
    std::string tunnel;
    crypto::PublicKey key;
    from_.calls.call([&] {
        const auto found = find_peers(arguments.text("tunnel"), arguments.text("peer"));
        if (found.size() != 1) {
            refused = found.empty() ? kNoSuchPeer : kSeveralPeers;
            return;
        }
        const PeerRecord& record = *from_.core.peer(found.front());
        tunnel = from_.tunnels.all()[record.tunnel]->name;
        key = record.public_key;
    });
    if (!refused.empty()) return refuse(refused);
    // Read here, files and all: it must not hold up the control thread.
    const config::Peer said = read_peer(key_text(key), arguments);
    from_.calls.call([&] {
        const RunningTunnel* running = from_.tunnels.find(tunnel);
        const auto peer = running == nullptr ? std::nullopt : from_.core.find_peer(running->index, key);
        if (!peer) {
            refused = kNoSuchPeer;
            return;
        }
        config::Peer wanted = from_.tunnels.settings_of(*peer);
        put_fields(arguments, said.copy(), wanted);
        const PutOptions options{.move_allowed_ips = arguments.has("move"),
                                 .endpoint_said = arguments.has("endpoint")};
        const auto put = from_.changes.put(*running, std::move(wanted), options, ChangedBy::console);
        if (!put) refused = put.error().why;
    });
    return refused.empty() ? Answer{.text = "changed\n"} : refuse(refused);
}

}  // namespace ringway::control::console
