#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "control/protocol/arrival.h"
#include "control/protocol/deadline_heap.h"
#include "control/protocol/load.h"
#include "control/protocol/observer.h"
#include "control/protocol/peer.h"
#include "control/protocol/plane.h"
#include "control/protocol/rate_limiter.h"
#include "control/protocol/statistics.h"
#include "control/protocol/status.h"
#include "control/protocol/strangers.h"
#include "control/protocol/timestamp_source.h"
#include "control/protocol/verdict.h"
#include "control/protocol/work.h"
#include "crypto/noise.h"
#include "crypto/random.h"
#include "crypto/secret_pool.h"
#include "crypto/tai64n.h"
#include "crypto/x25519_batch.h"

namespace ringway::control::protocol {

struct EngineLimits {
    std::size_t max_peers = 10'000;      ///< PeerIds are below it
    std::size_t max_tunnels = 64;        ///< TunnelIds are below it
    std::size_t handshake_queue = 4096;  ///< messages that can wait for a tunnel (the kernel's number)
    std::size_t rate_limited_sources = 16'384;
    /// How Diffie-Hellmans of a batch are done; tests and the benchmark compare.
    crypto::X25519Path x25519 = crypto::best_x25519_path();
};

/// A peer to be added.
struct NewPeer {
    PeerId peer;
    crypto::PublicKey public_key;
    crypto::PresharedKey preshared_key;
    std::uint16_t persistent_keepalive_seconds = 0;
    bool added = false;  ///< out
};

/// The WireGuard protocol (paper, sections 5 and 6) for all tunnels of a gateway: handshakes,
/// sessions, timers, cookies. Sans I/O: packets and orders go to the Plane, monotonic time comes with
/// every call and never goes back, randomness and the wall clock are injected. Where the paper is
/// silent it does as the Linux kernel does.
///
/// One thread. Only the constructor, and calls that configure, allocate. Every event may come late: one
/// that names a peer or a session that is gone, or that has been overtaken, is ignored.
class Engine {
  public:
    static constexpr std::size_t kNoBudget = std::numeric_limits<std::size_t>::max();
    /// How many messages' Diffie-Hellmans are done together. More would gain little.
    static constexpr std::size_t kBatch = kWorkBatch;

    /// `plane` and `random` must outlive the engine. Throws std::bad_alloc, or std::system_error when
    /// the secrets' memory can't be locked.
    Engine(const EngineLimits& limits, Plane& plane, crypto::Random& random, WallClock wall_clock);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// From now on `observer` is told; it must outlive the engine.
    void set_observer(Observer& observer) { observer_ = &observer; }

    // --- configuration ---

    /// REQUIRES: `tunnel` is free. An all-zero key is no key: the tunnel is silent until it gets one.
    void add_tunnel(TunnelId tunnel, crypto::PrivateKey private_key);
    /// Gives the tunnel another key. All sessions and handshakes of its peers end; new ones are made
    /// with the new key when traffic wants them. Zero takes the key away.
    void set_private_key(TunnelId tunnel, crypto::PrivateKey private_key);
    /// Removes its peers too.
    void remove_tunnel(TunnelId tunnel);

    /// REQUIRES: `tunnel` exists, `peer` is free, the plane knows `peer`. False, and nothing changed,
    /// if the tunnel has a peer of that key. A key that no session can be made with is taken, and its
    /// peer stays silent.
    [[nodiscard]] bool add_peer(TunnelId tunnel, PeerId peer, const crypto::PublicKey& public_key,
                                crypto::PresharedKey preshared_key,
                                std::uint16_t persistent_keepalive_seconds, Nanoseconds now);
    /// The same of many, in their order, with their Diffie-Hellmans done together.
    void add_peers(TunnelId tunnel, std::span<NewPeer> peers, Nanoseconds now);
    /// Ends its sessions and handshakes and gives back their indices; the plane must still know it.
    void remove_peer(PeerId peer);
    /// Forgets how new the peer's initiations were, and takes older ones again: its clock went back, or had
    /// been ahead. Sessions go on. Who has recorded an initiation of its can have it answered once more; a
    /// session comes of that only for who has the peer's key.
    void forget_timestamp(PeerId peer);
    /// For handshakes from now on; sessions that exist go on.
    void set_preshared_key(PeerId peer, crypto::PresharedKey preshared_key);
    /// 0 turns it off. One is sent now if there was no traffic for that long.
    void set_persistent_keepalive(PeerId peer, std::uint16_t seconds, Nanoseconds now);

    [[nodiscard]] std::optional<PeerId> find_peer(TunnelId tunnel, const crypto::PublicKey& public_key) const;
    /// Null while the tunnel has no key. For wg(8), so that nobody keeps a second copy.
    [[nodiscard]] const crypto::LocalIdentity* identity(TunnelId tunnel) const;
    /// All zero when none is set. REQUIRES: the peer exists.
    [[nodiscard]] const crypto::PresharedKey& preshared_key(PeerId peer) const;

    /// The greatest timestamp that any initiation carried. Keep it over a restart: peers refuse
    /// initiations that are not newer, even if our clock went back meanwhile.
    [[nodiscard]] const crypto::Tai64n& last_timestamp_sent() const { return timestamps_.greatest(); }
    /// REQUIRES: no peers yet.
    void restore_last_timestamp(const crypto::Tai64n& timestamp) { timestamps_.restore(timestamp); }

    // --- events from the packet path ---

    /// Handshake messages, a verdict each, as if they had been handled one after the other. Their
    /// Diffie-Hellmans are done together, kBatch messages at a time: hand over what has arrived, and wait
    /// for nothing. REQUIRES: as many verdicts as arrivals.
    void on_handshake_messages(std::span<const HandshakeArrival> arrivals, std::span<Verdict> verdicts,
                               Nanoseconds now);
    /// One of them.
    [[nodiscard]] Verdict on_handshake_message(TunnelId tunnel, std::span<const std::uint8_t> message,
                                               const dataplane::Endpoint& from, Nanoseconds now);
    /// How many handshake messages wait for the tunnel; call it whenever some are taken off their queue. Each
    /// tunnel is under load by itself, so that a flood of one asks no cookies of another's peers.
    /// REQUIRES: `tunnel` is below max_tunnels.
    void note_queue_depth(TunnelId tunnel, std::size_t depth, Nanoseconds now) {
        loads_[tunnel].note_queue_depth(depth, now);
    }

    /// unanswered_since or keepalive_owed_since of a peer that is not watched has changed.
    void on_activity(PeerId peer, Nanoseconds now);
    /// A packet was staged, or one was sent on a session that wants a successor: we initiated it more
    /// than REKEY_AFTER_TIME ago, or it has sent REKEY_AFTER_MESSAGES. Call it as often as you like.
    void on_session_wanted(PeerId peer, Nanoseconds now);
    /// A packet was received on a session we initiated and that will soon be too old to use: more than
    /// REJECT_AFTER_TIME - KEEPALIVE_TIMEOUT - REKEY_TIMEOUT ago. Call it as often as you like.
    void on_receive_aging(PeerId peer, Nanoseconds now);
    /// The session, installed as responder, has opened its first authentic packet.
    void on_confirmed(PeerId peer, SessionId session, Nanoseconds now);

    // --- time ---

    /// Does what is due by `now`, for at most `budget` peers; what is left is due still. Tells the observer
    /// of sessions that have ended.
    void poll(Nanoseconds now, std::size_t budget = kNoBudget);
    /// When poll() is next needed, unless an event comes first.
    [[nodiscard]] std::optional<Nanoseconds> next_deadline() const;

    /// Nothing if there is no such peer.
    [[nodiscard]] std::optional<PeerStatus> status(PeerId peer) const;
    [[nodiscard]] const Statistics& statistics() const { return statistics_; }
    /// By TunnelId: peers that have a session to send on. Looks at every peer.
    [[nodiscard]] std::vector<std::size_t> peers_up(Nanoseconds now) const;
    /// Who called lately and is not known: for people who look for a peer with a wrong key.
    [[nodiscard]] const Strangers& strangers() const { return strangers_; }

  private:
    using Tunnel = crypto::SecretPool<TunnelSecrets>::Pointer;

    struct PeerKey {
        TunnelId tunnel;
        crypto::PublicKey public_key;
        bool operator==(const PeerKey&) const = default;
    };
    struct PeerKeyHash {
        std::size_t operator()(const PeerKey& key) const noexcept;
    };

    // Configuration (configuration.cpp).
    [[nodiscard]] Peer* find(PeerId peer) const;
    [[nodiscard]] TunnelSecrets* find_tunnel(TunnelId tunnel) const;
    static void set_identity(TunnelSecrets& tunnel, crypto::PrivateKey private_key);
    [[nodiscard]] bool insert(TunnelId tunnel, NewPeer& wanted);
    void complete_remotes(const TunnelSecrets& tunnel,
                          std::span<crypto::RemoteIdentity* const> remotes) const;
    void end_sessions(Peer& peer, DownReason reason);

    // As initiator (initiate.cpp).
    void want_session(Peer& peer, Nanoseconds now);
    void initiate(Peer& peer, Nanoseconds now);
    [[nodiscard]] PeerProblem send_initiation(Peer& peer, Nanoseconds now);
    bool send_handshake(Peer& peer, std::span<std::uint8_t> message, Nanoseconds now);
    void initiation_due(Peer& peer, Nanoseconds now);
    void give_up(Peer& peer);
    void stop_initiating(Peer& peer);
    void abandon_handshake(Peer& peer);
    void handshake_complete(Peer& peer);
    void note_problem(Peer& peer, PeerProblem problem);
    [[nodiscard]] Nanoseconds jitter();

    // Messages (batch.cpp, messages.cpp), as responder (respond.cpp). Each goes through check_..., open_...
    // and take_..., with the Diffie-Hellmans of its batch between them. The first two judge it, ask for
    // Diffie-Hellmans and leave sessions alone; the third acts. Nothing for a verdict: go on.
    void run_batch(std::span<const HandshakeArrival> arrivals, std::span<Verdict> verdicts, Nanoseconds now);
    void ask(std::span<const crypto::X25519Job> jobs);
    void do_asked();
    [[nodiscard]] std::optional<Verdict> check(Work& work, const HandshakeArrival& arrival, Nanoseconds now);
    [[nodiscard]] std::optional<Verdict> check_initiation(Work& work, const HandshakeArrival& arrival,
                                                          Nanoseconds now);
    [[nodiscard]] std::optional<Verdict> check_response(Work& work, const HandshakeArrival& arrival,
                                                        Nanoseconds now);
    [[nodiscard]] std::optional<Verdict> refuse_by_macs(const Work& work, const HandshakeArrival& arrival,
                                                        crypto::ReceiverIndex sender, Nanoseconds now);
    [[nodiscard]] std::optional<Verdict> open(Work& work, const HandshakeArrival& arrival, Nanoseconds now);
    [[nodiscard]] std::optional<Verdict> open_initiation(Work& work, const HandshakeArrival& arrival,
                                                         Nanoseconds now);
    [[nodiscard]] Verdict take(Work& work, const HandshakeArrival& arrival, Nanoseconds now);
    [[nodiscard]] Verdict take_initiation(Work& work, const HandshakeArrival& arrival, Nanoseconds now);
    [[nodiscard]] Verdict take_response(Work& work, const HandshakeArrival& arrival, Nanoseconds now);
    [[nodiscard]] Verdict take_cookie(const HandshakeArrival& arrival, Nanoseconds now);
    [[nodiscard]] Verdict refuse(const HandshakeArrival& arrival, const crypto::PublicKey& key,
                                 Verdict verdict);
    [[nodiscard]] Verdict respond(Peer& peer, Work& work, Nanoseconds now);
    void yield_to(Peer& peer, const crypto::LocalIdentity& identity);
    static void note_refused(Peer& peer, Verdict verdict, Nanoseconds now);
    void note_stranger(const HandshakeArrival& arrival, Verdict verdict, const crypto::PublicKey& key,
                       Nanoseconds now);
    [[nodiscard]] Peer* find_by_index(TunnelId tunnel, crypto::ReceiverIndex index) const;
    [[nodiscard]] std::optional<Session> install(Peer& peer, crypto::Handshake& handshake, Nanoseconds now);

    // Timers (timers.cpp).
    void run_timers(Peer& peer, Nanoseconds now);
    void zero(Peer& peer, Nanoseconds now);
    void look(Peer& peer, Nanoseconds now);
    void tell_ends(Nanoseconds now, std::size_t budget);
    void session_ended(Peer& peer, DownReason reason);
    [[nodiscard]] Nanoseconds next_look(Peer& peer, Nanoseconds now);
    void note_unanswered(Peer& peer, const PeerActivity& activity);
    void rescue(Peer& peer, const PeerActivity& activity, Nanoseconds now);
    void persistent_keepalive_due(Peer& peer, Nanoseconds now);
    void keepalive_or_session(Peer& peer, Nanoseconds now);
    void reschedule(const Peer& peer);

    Plane& plane_;
    Observer quiet_;
    Observer* observer_ = &quiet_;
    crypto::Random& random_;
    TimestampSource timestamps_;
    std::vector<LoadMonitor> loads_;  ///< by TunnelId
    RateLimiter limiter_;
    crypto::SecretArena arena_;
    crypto::SecretPool<TunnelSecrets> tunnel_secrets_;
    crypto::SecretPool<PeerSecrets> peer_secrets_;
    crypto::SecretPool<WorkBatch> batches_;
    crypto::SecretPool<WorkBatch>::Pointer batch_;
    const crypto::X25519Path x25519_;
    std::array<crypto::X25519Job, 3 * kBatch> asked_;  ///< Diffie-Hellmans that the batch waits for
    std::size_t asked_count_ = 0;
    std::vector<Tunnel> tunnels_;               ///< by TunnelId
    std::vector<std::unique_ptr<Peer>> peers_;  ///< by PeerId
    std::unordered_map<PeerKey, PeerId, PeerKeyHash> by_key_;
    DeadlineHeap deadlines_;
    DeadlineHeap session_ends_;  ///< of peers that are up
    Statistics statistics_;
    Strangers strangers_;
};

}  // namespace ringway::control::protocol
