#pragma once

// A change of a running gateway before it is made: what will be added, changed and removed. Whoever
// asks (configuration file, REST, console, wg(8)) gets a plan; a plan is carried out whole.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "control/host/listen_socket.h"
#include "dataplane/tunnel.h"

namespace ringway::control {

/// Who asked for a change.
enum class ChangedBy : std::uint8_t { file, rest, console, wg_socket, rollback };
[[nodiscard]] std::string_view name(ChangedBy by);

/// Why a change is not made, and nothing of it.
struct Refusal {
    std::string field;  ///< named as in the configuration; empty: none in particular
    std::string why;
};

/// One field of a peer or tunnel: its name in the configuration, and what becomes of it, for people.
/// Never a secret.
struct FieldChange {
    std::string field;
    std::string what;  ///< "25 -> 0", "+10.9.0.4/32 -10.9.0.3/32", "changed"
};

/// What becomes of one peer.
struct PeerChange {
    enum class Kind : std::uint8_t { add, change, remove };

    Kind kind = Kind::change;
    std::optional<config::Peer> before = {};  ///< unless it is added
    std::optional<config::Peer> wanted = {};  ///< unless it is removed
    /// Sends to the wanted endpoint from now on, wherever the peer has roamed to.
    bool set_endpoint = false;

    [[nodiscard]] const config::Peer& peer() const { return wanted ? *wanted : *before; }
    [[nodiscard]] std::vector<FieldChange> fields() const;
};

struct Forwarding {
    bool through_host = false;
    bool peer_to_peer = true;
    bool dont_fragment = false;
    bool operator==(const Forwarding&) const = default;

    [[nodiscard]] static Forwarding of(const config::Tunnel& tunnel) {
        return {.through_host = tunnel.forward == config::Forward::host,
                .peer_to_peer = tunnel.peer_to_peer,
                .dont_fragment = tunnel.df == config::DontFragment::set};
    }
};

/// Sockets that a tunnel will listen on; open already, so that nothing can fail any more.
struct NewListenPort {
    std::uint16_t port = 0;
    std::vector<host::ListenSocket> sockets;
};

/// What becomes of one tunnel.
struct TunnelChange {
    dataplane::TunnelIndex tunnel = dataplane::kNoTunnel;
    std::string name;
    std::optional<config::SecretKey> private_key = {};  ///< zero: none from now on
    std::optional<NewListenPort> listen_port = {};
    std::optional<std::uint32_t> fwmark = {};
    std::optional<Forwarding> forwarding = {};
    std::vector<PeerChange> peers = {};    ///< in the order in which they are made
    std::vector<FieldChange> fields = {};  ///< of the tunnel itself

    [[nodiscard]] bool empty() const { return fields.empty() && peers.empty(); }
};

struct Plan {
    std::vector<TunnelChange> tunnels;       ///< those that change
    std::vector<std::string> needs_restart;  ///< what the file says and only a restart can do

    [[nodiscard]] bool empty() const { return tunnels.empty(); }
    [[nodiscard]] std::size_t count(PeerChange::Kind kind) const;
};

/// What changes between two settings of one peer. Nothing: they are the same.
[[nodiscard]] std::optional<PeerChange> compare_peers(config::Peer before, config::Peer wanted);

/// One line of a plan, for people and programs.
struct PlannedChange {
    std::string tunnel;
    std::string peer;        ///< its name; empty: it has none, or the tunnel itself changes
    std::string public_key;  ///< base64; empty: the tunnel itself changes
    PeerChange::Kind kind = PeerChange::Kind::change;
    std::vector<FieldChange> fields;
};

/// What a plan comes to, after it may have been carried out.
struct PlanSummary {
    std::size_t added = 0;  ///< peers
    std::size_t changed = 0;
    std::size_t removed = 0;
    std::vector<PlannedChange> changes;
    std::size_t more = 0;  ///< changes beyond the limit
    std::vector<std::string> needs_restart;
};
/// `limit`: how many changes are told one by one.
[[nodiscard]] PlanSummary summarize(const Plan& plan, std::size_t limit = 1000);

/// "add", "change", "remove".
[[nodiscard]] std::string_view name(PeerChange::Kind kind);

/// For people, a line each: "+ tunnel wg0 peer carol", "~ tunnel wg0 peer alice: endpoint ...",
/// "- tunnel wg0 peer bob", "! ports changes at a restart only", and the sum.
[[nodiscard]] std::string text_of(const PlanSummary& summary);

}  // namespace ringway::control
