#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "control/calls.h"
#include "control/change/changes.h"
#include "control/change/commit_window.h"
#include "control/change/configuration_file.h"
#include "control/console/baseline.h"
#include "control/console/command.h"
#include "control/console/peer_list.h"
#include "control/console/route_view.h"
#include "control/log/log.h"
#include "control/namespaces.h"
#include "control/tunnels.h"
#include "control/view/viewer.h"

namespace ringway::control::console {

/// What the consoles of a gateway do: every command, bound to what runs. Takes what it tells from the
/// control thread, through Calls and in pieces, and makes text of it on the console's own thread. Any
/// thread but the control thread. A command throws GatewayStopping when there is nothing more to tell.
class Desk {
  public:
    /// Lines of one page of peers or routes.
    static constexpr std::size_t kPage = 50;
    static constexpr std::size_t kMaxTop = 1000;

    struct Sources {
        Calls& calls;
        Core& core;
        Tunnels& tunnels;
        Changes& changes;
        CommitWindow& window;
        ConfigurationFile& file;
        Viewer& viewer;
        Namespaces& namespaces;
        const std::vector<PortNames>& ports;
        /// Any thread.
        std::function<void(LogLevel)> set_log_level;
    };
    explicit Desk(const Sources& sources);

    [[nodiscard]] const Commands& commands() const { return commands_; }
    /// Peers and tunnels that there are.
    [[nodiscard]] Names complete(Parameter::Kind kind, const std::string& partial);

  private:
    /// A page of a list whose length is not known, and whether there is another.
    template <typename View>
    struct Page {
        std::vector<View> views;
        std::size_t number = 1;
        bool more = false;
    };
    void add_views();
    void add_peers();
    void add_routes();
    void add_changes();
    void add_commits();
    void add_settings();
    void add_service();

    [[nodiscard]] Page<RouteView> page_of_routes(std::size_t number);
    [[nodiscard]] Names peer_names(const std::string& partial);

    [[nodiscard]] Answer show_peers(const Arguments& arguments);
    [[nodiscard]] Answer answer_with(const PeerQuery& query, std::size_t page,
                                     const Arguments& arguments) const;
    [[nodiscard]] Answer show_peer(const Arguments& arguments);
    [[nodiscard]] Answer show_routes(const Arguments& arguments);
    [[nodiscard]] Answer clear_stats();
    [[nodiscard]] Answer add_peer(const Arguments& arguments);
    [[nodiscard]] Answer remove_peer(const Arguments& arguments);
    [[nodiscard]] Answer reset_peer(const Arguments& arguments);
    /// Has the control thread do `work` with the peer that the arguments name. Why not, or empty.
    [[nodiscard]] std::string with_peer(const Arguments& arguments,
                                        const std::function<void(RunningTunnel&, PeerIndex)>& work);
    [[nodiscard]] Answer reload(const Arguments& arguments);
    [[nodiscard]] Answer commit(const Arguments& arguments);
    [[nodiscard]] Answer roll_back();
    [[nodiscard]] Answer save(const Arguments& arguments);
    [[nodiscard]] Answer set_peer(const Arguments& arguments);
    [[nodiscard]] Answer set_log_level(const Arguments& arguments);

    // Control thread.
    [[nodiscard]] std::vector<PeerIndex> find_peers(const std::string& tunnel, const std::string& name) const;
    [[nodiscard]] RouteView view_of(const RouteMirror::Mirrored& route, const Namespace& n) const;

    [[nodiscard]] Baseline baseline() const;
    /// A line that says since when tables count; empty if they do from the start.
    [[nodiscard]] static std::string since_text(const Baseline& base);

    static constexpr const char* kNoSuchPeer = "there is no such peer: give its name or its public key";
    static constexpr const char* kSeveralPeers = "several tunnels have such a peer: add 'tunnel' and which";

    Sources from_;
    PeerList list_;
    Commands commands_;
    mutable std::mutex mutex_;
    Baseline baseline_;  ///< under mutex_
};

}  // namespace ringway::control::console
