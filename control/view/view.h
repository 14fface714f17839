#pragma once

// What people and programs are shown of a running gateway, whatever the surface: plain values, taken at
// one moment by Viewer, written as JSON by json.h, as tables by the console, as series by metrics/.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/log/field.h"
#include "control/protocol/statistics.h"
#include "control/protocol/status.h"
#include "control/protocol/strangers.h"
#include "crypto/keys.h"
#include "dataplane/accounting.h"
#include "dataplane/endpoint.h"
#include "dataplane/headers.h"
#include "dataplane/lcore.h"
#include "dataplane/neighbour_table.h"

namespace ringway::control {

/// How what runs came about.
struct ConfigurationView {
    std::uint64_t changes = 0;     ///< made since the start, by whatever way
    bool unsaved_changes = false;  ///< what runs differs from what the file last said
    std::uint64_t reloads = 0;
    std::uint64_t failed_reloads = 0;
    std::uint64_t last_reload_unix_nanoseconds = 0;  ///< 0: none since the start
    bool last_reload_failed = false;
    std::optional<double> commit_remaining_seconds;  ///< until changes undo themselves; nothing: they don't
};

struct StatusView {
    double uptime_seconds = 0;
    std::uint64_t started_unix_nanoseconds = 0;
    bool draining = false;
    std::size_t ports = 0;
    std::size_t lcores = 0;
    std::size_t lcores_standing_still = 0;
    std::size_t tunnels = 0;
    std::size_t peers = 0;
    std::size_t max_peers = 0;
    dataplane::Totals packets;
    std::uint64_t in_flight = 0;  ///< counted place by place; see Totals::under_way()
    std::size_t packet_buffers = 0;
    std::size_t packet_buffers_free = 0;
    std::size_t bundles = 0;
    std::size_t bundles_in_use = 0;
    ConfigurationView configuration;
    /// By Direction: from the turn that opened a bundle until its last packet was handed on.
    std::array<dataplane::Distribution, 2> bundle_times;
    /// Until the session could send, as initiator and as responder; see protocol::Statistics.
    std::array<dataplane::Distribution, 2> handshake_times;
    std::string dpdk_version;
    std::string aead;  ///< the instruction set that the AEAD of the packet path uses
};

struct PortView {
    std::string name;
    std::string device;
    std::string host_interface;
    std::string netns;
    dataplane::MacAddress mac{};
    std::uint16_t mtu = 0;
    std::uint16_t rx_queues = 0;
    bool link_up = false;
    std::uint32_t speed_mbps = 0;  ///< 0: unknown
    std::uint64_t rx_packets = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t rx_missed_packets = 0;  ///< the device had no room
    std::uint64_t rx_errors = 0;
    std::uint64_t rx_no_buffer_packets = 0;
    std::uint64_t tx_packets = 0;
    std::uint64_t tx_bytes = 0;
    std::uint64_t tx_errors = 0;
};

struct LcoreView {
    std::size_t lcore = 0;
    unsigned cpu = 0;
    dataplane::LcoreRoles roles;
    bool stands_still = false;
    std::uint64_t polls = 0;
    std::uint64_t busy_polls = 0;
    std::array<std::uint64_t, dataplane::kStages> stage_cycles{};   ///< in turns that found work
    std::array<std::uint64_t, dataplane::kStages> stage_packets{};  ///< what each stage has handled
    std::uint64_t cycles_per_second = 0;
    std::array<dataplane::Distribution, dataplane::kStages> stage_times;  ///< of turns that found work
    std::array<dataplane::Distribution, 2> bundle_times;                  ///< by Direction
    std::uint64_t bundles = 0;
    std::uint64_t aead_calls = 0;
    std::uint64_t dropped_packets = 0;
};

/// A queue between threads.
struct RingView {
    std::string name;
    std::optional<std::size_t> lcore;  ///< whose it is; nothing: the device's
    std::size_t depth = 0;
    std::size_t capacity = 0;
};

struct TunnelView {
    std::string name;
    std::optional<crypto::PublicKey> public_key;  ///< nothing: the tunnel has no key
    std::uint16_t listen_port = 0;
    std::uint16_t mtu = 0;
    std::uint32_t fwmark = 0;
    bool through_host = false;
    bool peer_to_peer = true;
    bool dont_fragment = false;
    std::string netns;
    std::string outer_netns;
    std::size_t peers = 0;
    std::size_t peers_up = 0;
    std::uint64_t rx_packets = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t tx_packets = 0;
    std::uint64_t tx_bytes = 0;
    protocol::TunnelHandshakes handshakes;
};

/// What a peer's session is like.
enum class PeerState : std::uint8_t {
    up,           ///< a session that can send
    handshaking,  ///< none, and one is being made
    idle,         ///< none, and none is wanted
};
[[nodiscard]] std::string_view name(PeerState state);

/// What stands in the way of a session most; why.h says it in words.
enum class SessionReason : std::uint8_t {
    none,  ///< there is one
    no_private_key,
    unusable_key,
    unknown_name,          ///< its endpoint's name can't be resolved
    route_missing,         ///< nothing leads to its endpoint by a port
    neighbour_unresolved,  ///< the next hop towards it is not known
    wrong_key,             ///< one of the three keys is not what the other side has
    old_timestamp,         ///< its initiations are not newer than one it sent before
    no_room,               ///< no receiver index or session slot was free
    not_taken_up,          ///< it called and was answered, and does not use the session
    cookie_loop,           ///< nothing but cookies come back
    cookie,                ///< one came
    no_answer,
    no_endpoint,
    never_contacted,
    session_ended,  ///< there was one, and nobody has wanted one since
};

/// The way to a peer's endpoint, by the mirrored routes.
struct PathView {
    enum class Kind : std::uint8_t { none, port, tunnel, local, blackhole, host };
    Kind kind = Kind::none;
    std::string to;  ///< the port or tunnel; empty otherwise
    // Meaningful with a port.
    dataplane::IpAddress next_hop;
    dataplane::NeighbourState neighbour = dataplane::NeighbourState::absent;
};

struct PeerView {
    dataplane::Nanoseconds now = 0;  ///< when it was taken, by the packet path's clock
    std::uint64_t now_unix_nanoseconds = 0;
    std::string tunnel;
    std::string name;  ///< may be empty
    crypto::PublicKey public_key;
    bool has_preshared_key = false;
    std::optional<dataplane::Endpoint> endpoint;
    std::string port;              ///< the one it was heard by; empty: not heard
    std::optional<PathView> path;  ///< nothing: it has no endpoint
    /// What was configured, which may be a name, and not where it has roamed to; empty: nothing.
    std::string configured_endpoint;
    std::string name_error;  ///< why that name can't be resolved; empty: it can, or is none
    std::vector<dataplane::IpPrefix> allowed_ips;
    std::uint16_t persistent_keepalive_seconds = 0;
    PeerState state = PeerState::idle;
    /// Why there is no session, and the same for a person; empty when there is one.
    SessionReason reason = SessionReason::none;
    std::string why;
    protocol::PeerStatus protocol;
    /// Who may be this peer with a wrong key: one who called from its endpoint, or, if it has none, from
    /// anywhere.
    std::optional<protocol::Stranger> stranger;
    bool stranger_at_endpoint = false;
    std::optional<double> session_age_seconds;
    std::uint64_t rx_packets = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t tx_packets = 0;
    std::uint64_t tx_bytes = 0;
    std::uint64_t dropped_packets = 0;
    std::optional<dataplane::DropReason> last_drop;
    double last_drop_seconds_ago = 0;
};

struct DropsView {
    dataplane::Totals totals;
    std::uint64_t in_flight = 0;
    /// One row each: the lcores in order, then the control side, then host I/O.
    std::vector<std::string> counters;
    std::vector<std::array<std::uint64_t, dataplane::kDropReasons>> drops;
};

}  // namespace ringway::control
