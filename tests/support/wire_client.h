#pragma once

// A WireGuard client as a pair of keys and a session: it speaks to a TestGateway in frames and is cheap
// enough to have hundreds of. It initiates, and never rekeys.

#include <cstdint>
#include <optional>

#include "crypto/cookie.h"
#include "crypto/noise.h"
#include "tests/support/packets.h"
#include "tests/support/seeded_random.h"
#include "tests/support/test_gateway.h"

namespace ringway::tests {

class WireClient {
  public:
    /// Client `number`, below 100: outside it is 10.0.0.(100 + number), inside 10.200.0.(1 + number).
    WireClient(unsigned number, const TestGateway& gateway);

    [[nodiscard]] const crypto::PublicKey& public_key() const { return local_.public_key; }
    [[nodiscard]] dataplane::IpAddress outside() const;
    [[nodiscard]] dataplane::IpAddress inside() const;
    /// Makes the client a peer of the gateway, with its address inside as allowed IP and a route.
    PeerIndex join(TestGateway& gateway) const;

    /// The frame of an initiation. Only the last one can be answered.
    [[nodiscard]] Bytes initiation(std::uint64_t unix_nanoseconds);
    /// Takes a frame that was sent to this client. The plain packet, if it was a transport message and
    /// authentic; nothing for a response, which makes the session, nor for a cookie, which the next
    /// initiation shows.
    [[nodiscard]] std::optional<Bytes> take(const Bytes& frame);
    [[nodiscard]] bool has_session() const { return keys_.has_value(); }
    [[nodiscard]] bool has_cookie() const { return has_cookie_; }
    /// The frame of a transport message with the packet inside. REQUIRES: has_session().
    [[nodiscard]] Bytes seal(const Bytes& packet);

    /// Transport messages whose counter was not the one after the last.
    [[nodiscard]] std::uint64_t out_of_order() const { return out_of_order_; }

  private:
    [[nodiscard]] Bytes frame_of(std::span<const std::uint8_t> message) const;

    unsigned number_;
    const TestGateway& gateway_;
    SeededRandom random_;
    crypto::LocalIdentity local_;
    crypto::RemoteIdentity remote_;
    crypto::CookieHolder macs_;
    crypto::Handshake handshake_;
    crypto::ReceiverIndex remote_index_;
    std::optional<crypto::TransportKeys> keys_;
    bool has_cookie_ = false;
    std::uint64_t called_at_ = 0;
    std::uint64_t next_counter_ = 0;
    std::uint64_t expected_counter_ = 0;
    std::uint64_t out_of_order_ = 0;
};

}  // namespace ringway::tests
