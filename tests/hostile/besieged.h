#pragma once

// A gateway under attack, with honest peers beside whose sessions must go on.

#include <span>
#include <string>
#include <vector>

#include "tests/hostile/picture.h"
#include "tests/support/bench.h"
#include "tests/support/wire_client.h"

namespace ringway::tests {

/// How long an attack goes on.
enum class Effort : std::uint8_t { brief, thorough };

/// Gateway a of a Bench. The attacker has seen and holds back what it likes of the traffic with b and c,
/// speaks from an address of its own, and has b's session keys where an attack is one of a peer. Beside
/// it a client that was never attacked keeps its session. One attack to an object: what it does to
/// time and sessions is its own.
class Besieged {
  public:
    explicit Besieged(std::uint64_t seed, Effort effort = Effort::brief);
    Besieged(const Besieged&) = delete;
    Besieged& operator=(const Besieged&) = delete;

    Bench bench;
    TestGateway& gateway = bench.a;
    SeededRandom random;
    const Effort effort;

    // --- frames for the gateway ---

    /// A message to its listen port from where no peer is.
    [[nodiscard]] Bytes from_attacker(std::span<const std::uint8_t> message, Family family = Family::v4,
                                      std::uint16_t source_port = 4444) const;
    /// IP packets from there, as they are.
    [[nodiscard]] Bytes wan_frame(std::span<const std::uint8_t> packet) const;
    [[nodiscard]] Bytes random_bytes(std::size_t size);

    // --- what must come of them ---

    /// Hands the frame to the port; whatever else than `effect` comes of it is a failure of `what`.
    void expect(const Bytes& frame, const Effect& effect, const std::string& what, PortIndex port = kWan);
    /// The same of many at once.
    void expect_all(std::span<const Bytes> frames, const Effect& effect, const std::string& what,
                    PortIndex port = kWan);
    /// Counted once, as that, and nothing else happens.
    void expect_drop(const Bytes& frame, DropReason reason, const std::string& what, PortIndex port = kWan);
    /// The same of an authentic packet of b: its session and endpoint may follow.
    void expect_drop_of_peer(const Bytes& frame, DropReason reason, const std::string& what);
    /// To the host interface of its port, unchanged.
    void expect_host(const Bytes& frame, const std::string& what, PortIndex port = kWan);
    /// An authentic packet of b that ends here.
    void expect_consumed(const Bytes& frame, const std::string& what);
    /// An authentic packet of b: `packet` leaves by the LAN, and nothing else.
    void expect_forwarded(const Bytes& frame, const Bytes& packet, const std::string& what);
    /// An initiation or response that the gateway takes, with so many messages of its own in return.
    void expect_handshake(const Bytes& frame, PeerIndex peer, std::uint64_t answers, const std::string& what);
    void require(bool holds, const std::string& what);
    /// For frames that an attack hands over by itself.
    void count_tried(std::uint64_t frames) { tried_ += frames; }

    /// Both ways through the session that nobody attacked, one packet each.
    void expect_honest(const std::string& after);
    /// A new session for the honest client, after the old one's time.
    void call_honestly();

    // --- what has come of it ---

    /// Of the last frame handed over: what the gateway sent by kWan, and to the LAN.
    [[nodiscard]] const std::vector<Bytes>& answers() const { return answers_; }
    [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }
    [[nodiscard]] std::uint64_t tried() const { return tried_; }  ///< frames

    /// Makes the gateway believe that it is flooded with handshake messages, for a second of its time.
    void put_under_load();
    [[nodiscard]] std::uint64_t unix_nanoseconds() const;
    [[nodiscard]] bool is_thorough() const { return effort == Effort::thorough; }

  private:
    void run();
    void collect();
    void fail(const std::string& what, const std::string& why);

    WireClient honest_;
    std::vector<Bytes> answers_;
    std::vector<Bytes> lan_;
    std::vector<Bytes> host_;
    std::vector<std::string> failures_;
    std::uint64_t tried_ = 0;
};

}  // namespace ringway::tests
