#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "crypto/random.h"
#include "tools/load/cipher_wire.h"
#include "tools/load/latency_histogram.h"
#include "tools/load/peers.h"

namespace ringway::load {

/// What became of handshakes and keepalives.
struct HandshakeCounts {
    std::uint64_t initiations_sent = 0;
    std::uint64_t retries = 0;  ///< of those, sent because the one before had no answer
    std::uint64_t responses_received = 0;
    std::uint64_t initiations_received = 0;
    std::uint64_t responses_sent = 0;
    std::uint64_t cookies_received = 0;
    std::uint64_t cookies_for_rubbish = 0;  ///< see Handshaker::kRubbish
    std::uint64_t keepalives_sent = 0;
    std::uint64_t keepalives_received = 0;
    std::uint64_t refused = 0;  ///< handshake messages that fit nothing of ours, or are not authentic
};

/// Makes and renews the sessions of all peers, as initiator and as responder, a batch at a time. One thread;
/// allocates only when it is made.
class Handshaker {
  public:
    /// Handshakes done together.
    static constexpr std::size_t kBatch = 32;
    /// The sender of initiations that are no peer's, so that cookies for them are told apart.
    static constexpr crypto::ReceiverIndex kRubbish{crypto::Le32(0xffffffff)};

    /// An initiation as it was sent.
    struct Sent {
        PeerNumber peer;
        crypto::MessageInitiation message;
    };

    /// All must outlive it. `unix_offset` makes wall-clock time of the `now` of the calls. `at_once`: how
    /// many initiations may be unanswered.
    Handshaker(Peers& peers, CipherWire& wire, crypto::Random& random, Nanoseconds unix_offset,
               std::uint32_t at_once);

    /// Asks for a session of every peer whose own is `max_age` old or older. REQUIRES: we may initiate.
    void renew(Nanoseconds now, Nanoseconds max_age);
    /// Begins a handshake of one peer. False if one is under way, or began less than `gap` ago.
    bool begin(PeerNumber peer, Nanoseconds now, Nanoseconds gap);
    /// As many initiations are unanswered as there may be.
    [[nodiscard]] bool is_full() const { return unanswered_ + queued() >= at_once_; }
    /// One of the last initiations that were sent, or null if there was none yet.
    [[nodiscard]] const Sent* earlier(std::uint32_t which) const {
        const std::uint64_t kept = std::min<std::uint64_t>(remembered_, sent_.size());
        return kept == 0 ? nullptr : &sent_[which % kept];
    }
    void clear_counts() {
        counts_ = {};
        latency_.clear();
    }
    /// Whether a renewal is still under way.
    [[nodiscard]] bool is_busy() const { return queued() != 0 || unanswered_ != 0; }
    /// Peers that have a session to send by.
    [[nodiscard]] std::uint32_t ready() const { return ready_; }
    /// Peers initiate by themselves when a session is to be replaced. Off for peers that only answer.
    void set_initiates(bool on) { initiates_ = on; }
    /// While their own packets are sent, peers need no keepalives.
    void set_keepalives(bool on) { keepalives_ = on; }

    /// Takes a message of type 1, 2 or 3 that came for `peer`'s outer address. Call run() soon.
    void take(PeerNumber peer, std::span<const std::uint8_t> message, Nanoseconds now);
    /// The first packet of a session that we answered: we may send by it from now on.
    void confirm(crypto::ReceiverIndex index);
    void count_keepalive() { ++counts_.keepalives_received; }

    /// Works off what was taken, and what is due.
    void run(Nanoseconds now);

    [[nodiscard]] const HandshakeCounts& counts() const { return counts_; }
    /// From an initiation to its response.
    [[nodiscard]] const LatencyHistogram& latency() const { return latency_; }

  private:
    struct Answer {
        PeerNumber peer;
        crypto::MessageResponse message;
    };
    using Question = Sent;
    static constexpr std::size_t kRemembered = 1024;

    [[nodiscard]] std::size_t queued() const { return queue_tail_ - queue_head_; }
    void want(PeerNumber peer);
    void initiate(Nanoseconds now);
    void consume_answers(Nanoseconds now);
    void answer_questions(Nanoseconds now);
    void take_cookie(std::span<const std::uint8_t> message, Nanoseconds now);
    void sweep(Nanoseconds now);
    void look_after(PeerNumber peer, Nanoseconds now);
    void send_keepalive(PeerNumber peer, Session& session);
    void install(PeerNumber peer, std::uint8_t slot, bool initiated, Nanoseconds now);
    void send_by(PeerNumber peer, std::uint8_t slot);
    void settle(Peer& peer);

    Peers& peers_;
    CipherWire& wire_;
    crypto::Random& random_;
    Nanoseconds unix_offset_;
    std::uint32_t at_once_;
    bool initiates_ = true;
    bool keepalives_ = true;

    std::vector<PeerNumber> queue_;  ///< a ring of as many places as there are peers
    std::size_t queue_head_ = 0;
    std::size_t queue_tail_ = 0;
    std::uint32_t unanswered_ = 0;
    std::uint32_t ready_ = 0;
    PeerNumber swept_ = 0;
    Nanoseconds swept_at_ = 0;

    std::vector<Sent> sent_;  ///< the last ones, for earlier()
    std::uint64_t remembered_ = 0;
    std::vector<Answer> answers_;
    std::vector<Question> questions_;
    std::vector<crypto::DiffieHellmans> diffie_hellmans_;
    std::vector<crypto::OpenedInitiation> opened_;
    std::vector<crypto::X25519Job> jobs_;

    HandshakeCounts counts_;
    LatencyHistogram latency_;
};

}  // namespace ringway::load
