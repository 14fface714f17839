#pragma once

// What a hostile packet must not change.

#include <optional>
#include <string>
#include <vector>

#include "control/protocol/status.h"
#include "dataplane/accounting.h"
#include "dataplane/endpoint.h"
#include "dataplane/replay_window.h"
#include "dataplane/serial_word.h"
#include "tests/support/test_gateway.h"

namespace ringway::tests {

/// One peer, but for what is told to people of its troubles.
struct PeerPicture {
    dataplane::Endpoint endpoint;
    std::uint32_t endpoint_sequence = 0;
    dataplane::SerialState outbound;
    std::array<std::uint64_t, 4> passed{};  ///< packets and bytes, received and sent
    std::array<dataplane::Nanoseconds, 3> stamps{};
    std::array<control::protocol::SessionId, 3> sessions{};
    bool handshake_under_way = false;
    std::uint64_t drops = 0;  ///< of any reason
};

/// One session.
struct KeypairPicture {
    PeerIndex peer = dataplane::kNoPeer;
    bool confirmed = false;
    dataplane::ReplayWindow replay;
};

/// A gateway between two packets.
struct Picture {
    dataplane::Totals totals;
    std::vector<PeerPicture> peers;
    std::vector<KeypairPicture> keypairs;
    std::size_t free_indices = 0;
    std::size_t in_flight = 0;
    std::size_t bundles = 0;
    unsigned packets = 0;  ///< out of the pool
    std::optional<dataplane::Nanoseconds> next_deadline;

    static Picture of(TestGateway& gateway);
};

/// What a packet may change.
struct Effect {
    std::uint64_t packets = 1;  ///< that came in
    std::optional<DropReason> drop = std::nullopt;
    std::uint64_t dropped = 0;   ///< of that reason
    std::uint64_t to_host = 0;   ///< handed to host interfaces
    std::uint64_t consumed = 0;  ///< ended here as they should
    std::uint64_t answers = 0;   ///< sent by the gateway itself
    std::uint64_t passed = 0;    ///< that went out again
    std::uint64_t released = 0;  ///< that had waited for a session, and left with it
    /// It was an authentic packet of this peer: the peer's state follows.
    PeerIndex authentic = dataplane::kNoPeer;
    /// It made or moved on a handshake of that peer: indices and timers follow.
    bool handshake = false;
};

/// The first thing that differs from `before` in another way than `effect` allows; empty if nothing does.
[[nodiscard]] std::string difference(const Picture& before, const Picture& after, const Effect& effect);

}  // namespace ringway::tests
