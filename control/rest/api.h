#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "control/calls.h"
#include "control/change/changes.h"
#include "control/change/commit_window.h"
#include "control/change/configuration_file.h"
#include "control/events/journal.h"
#include "control/rest/guard.h"
#include "control/rest/message.h"
#include "control/rest/peer_filter.h"
#include "control/tunnels.h"
#include "control/view/viewer.h"

namespace ringway::control::rest {

/// One operation: a method on a path template, and what openapi.json says of it.
struct Operation {
    std::string method;
    std::string path;
    std::string summary;
    std::string result;                ///< the schema of the answer's body; empty: text
    std::vector<std::string> queries;  ///< query parameters it knows
    std::function<Response(const Request&)> handle;
    std::string body = {};  ///< the schema of the request's body; empty: none
    int status = 200;       ///< of an answer without a problem
    /// What it answers beside 200 and what every operation of its kind may answer: see openapi.cpp.
    std::vector<int> statuses = {};
};

/// The REST interface as a function from request to response (interfaces.md, REST); what carries bytes is
/// Server's business. Handlers take what they tell from the control thread, through Calls, and write it as
/// text on their own. Any thread.
class Api {
  public:
    struct Sources {
        Calls& calls;
        Core& core;
        Tunnels& tunnels;
        Changes& changes;
        CommitWindow& window;
        ConfigurationFile& file;
        Viewer& viewer;
        const Journal& journal;
    };
    Api(const Sources& sources, Guard guard);

    /// Never throws: whatever goes wrong is a problem document.
    [[nodiscard]] Response handle(Request request) const;

    [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }

  private:
    void add(Operation operation) { operations_.push_back(std::move(operation)); }
    void add_service();
    void add_views();
    void add_peers();
    void add_changes();
    void add_messages();
    [[nodiscard]] Response reload(const Request& request) const;
    [[nodiscard]] Response commit(const Request& request) const;
    [[nodiscard]] Response roll_back() const;
    [[nodiscard]] Response save(const Request& request) const;
    /// Control thread.
    [[nodiscard]] Response window_response() const;
    /// Control thread: what the query `confirmed` asks for, before the change that it comes with.
    void open_window(const Request& request) const;
    [[nodiscard]] Response answer(Request& request) const;
    [[nodiscard]] Response dispatch(Request& request) const;
    [[nodiscard]] Response list_peers(const Request& request) const;
    [[nodiscard]] Response top_peers(const Request& request, const PeerFilter& filter) const;
    /// The peers of the tunnel in the order of their keys until `take` says no: some at once, so that the
    /// control thread has its turns between.
    void each_peer(const Request& request, std::optional<crypto::PublicKey> after, std::size_t at_once,
                   const std::function<bool(PeerView)>& take) const;
    [[nodiscard]] Response show_peer(const Request& request) const;
    [[nodiscard]] Response put_peer(const Request& request) const;
    [[nodiscard]] Response patch_peer(const Request& request) const;
    [[nodiscard]] Response delete_peer(const Request& request) const;
    [[nodiscard]] Response reset_peer(const Request& request) const;
    [[nodiscard]] Response list_messages(const Request& request) const;
    [[nodiscard]] Response send_message(const Request& request) const;
    /// Control thread. Checks the peer against what runs, and applies it.
    [[nodiscard]] Response apply(const Request& request, const Json& settings, bool endpoint_said) const;
    /// Control thread. Throws Problem.
    [[nodiscard]] RunningTunnel& tunnel_of(const Request& request) const;
    [[nodiscard]] PeerIndex peer_of(const Request& request) const;
    [[nodiscard]] std::optional<crypto::PublicKey> named_by(const Request& request) const;

    Sources from_;
    Guard guard_;
    std::vector<Operation> operations_;
};

/// The parameters of a path that fits the template "/a/{x}/b", or nothing.
[[nodiscard]] std::optional<std::map<std::string, std::string>> match_path(std::string_view pattern,
                                                                           std::string_view path);

}  // namespace ringway::control::rest
