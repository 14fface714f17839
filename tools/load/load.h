#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dataplane/clock.h"
#include "tools/load/cipher_sink.h"
#include "tools/load/cipher_source.h"
#include "tools/load/neighbours.h"
#include "tools/load/plain_sink.h"
#include "tools/load/plain_source.h"

namespace ringway::load {

/// One side of the gateway and our place on it.
struct SideOptions {
    std::string device;                      ///< empty: the other side's device serves both
    IpPrefix own;                            ///< our address, and what is on the link
    IpAddress next_hop;                      ///< of what we send there
    std::optional<MacAddress> next_hop_mac;  ///< nothing: it is asked for
    std::uint16_t mtu = 1500;
};

/// How a Load is made.
struct LoadOptions {
    SideOptions cipher;
    SideOptions plain;
    IpAddress gateway;  ///< its outer address
    std::uint16_t gateway_port = 51820;
    crypto::PublicKey gateway_key;
    PeerNumbering peers;
    std::uint64_t seed = 1;
    bool preshared_keys = false;
    bool initiates = true;  ///< peers begin handshakes; else the gateway is made to
    /// There is no gateway: what lies between the ports hands plain packets on as they are. Of the peers only
    /// the inner addresses are left.
    bool bare = false;
    std::uint32_t handshakes_at_once = 128;
    IpAddress host;  ///< on the plain side, the other end of every flow
    std::uint32_t flows_per_peer = 1;
    SizeMix sizes;
    std::uint16_t tunnel_mtu = 1420;
    std::uint32_t check_every = 32;
    std::size_t stock_bytes = std::size_t{64} << 20;
};

/// Of the gateway's work.
enum class Direction : std::uint8_t { encrypt, decrypt };
[[nodiscard]] constexpr const char* to_string(Direction direction) {
    return direction == Direction::encrypt ? "encrypt" : "decrypt";
}

/// All of one direction that is counted.
struct DirectionState {
    DirectionCounts counts;
    LatencyHistogram latency;
};

/// Many WireGuard peers, and a host behind the gateway that they talk to. One thread.
class Load {
  public:
    /// REQUIRES: EAL is up. Throws std::runtime_error. `unix_offset` makes wall-clock time of the clock's.
    Load(const LoadOptions& options, const dataplane::Clock& clock, crypto::Random& random,
         Nanoseconds unix_offset);

    ~Load();
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    /// Receives, answers, and sends what is beside the load. The time it is then.
    Nanoseconds poll();
    /// What still keeps the load from beginning, in words; empty if nothing does.
    [[nodiscard]] std::string missing() const;
    /// The same but for sessions.
    [[nodiscard]] std::string missing_below() const;
    /// Asks for what is missing; from time to time until it is there.
    void ask();
    void ask_below();
    /// Sends a message of a peer's, beside the load. False if there was no room.
    bool send_message(PeerNumber peer, std::span<const std::uint8_t> message) {
        return wire_.send(peer, message);
    }
    /// New sessions for all peers whose sessions are at least so old; then poll() until not is_busy().
    void renew(Nanoseconds max_age);
    [[nodiscard]] bool is_busy() const { return handshaker_.is_busy(); }

    [[nodiscard]] Source& source(Direction direction) {
        return direction == Direction::encrypt ? static_cast<Source&>(plain_source_) : cipher_source_;
    }
    [[nodiscard]] CipherSource& stock() { return cipher_source_; }
    [[nodiscard]] DirectionState& state(Direction direction) {
        return direction == Direction::encrypt ? encrypt_ : decrypt_;
    }
    void set_keepalives(bool on) { handshaker_.set_keepalives(on); }

    [[nodiscard]] const LoadOptions& options() const { return options_; }
    [[nodiscard]] Handshaker& handshaker() { return handshaker_; }
    [[nodiscard]] const Handshaker& handshaker() const { return handshaker_; }
    [[nodiscard]] const PortCounts& cipher_counts() const { return cipher_.counts; }
    /// The same object as cipher_counts() where one device serves both sides.
    [[nodiscard]] const PortCounts& plain_counts() const { return plain_ ? plain_->counts : cipher_.counts; }
    [[nodiscard]] bool has_two_ports() const { return plain_.has_value(); }

  private:
    struct Side {
        Side(unsigned number, const SideOptions& options, std::function<bool(const IpAddress&)> owns);
        std::unique_ptr<Link> link;
        Neighbours neighbours;
        PortCounts counts;
    };

    /// Of the direction whose packets come in plain.
    [[nodiscard]] DirectionState& plain_state() { return options_.bare ? encrypt_ : decrypt_; }
    [[nodiscard]] Side& plain_side() { return plain_ ? *plain_ : cipher_; }
    void poll(Side& side);
    /// True if the frame was kept.
    bool take(Side& side, rte_mbuf* frame, Nanoseconds now);
    bool take_message(Side& side, rte_mbuf* frame, const UdpView& udp, Nanoseconds now);
    void take_other(Side& side, std::span<const std::uint8_t> frame);
    void learn_next_hops();
    void wake_gateway();

    LoadOptions options_;
    const dataplane::Clock& clock_;
    Side cipher_;
    std::optional<Side> plain_;
    Peers peers_;
    CipherWire wire_;
    Handshaker handshaker_;
    DirectionState encrypt_;
    DirectionState decrypt_;
    PlainSource plain_source_;
    CipherSource cipher_source_;
    PlainSink plain_sink_;
    CipherSink cipher_sink_;
    InnerHeaders to_peers_;
    bool knows_next_hops_ = false;
};

}  // namespace ringway::load
