#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "control/events/journal.h"
#include "control/log/log.h"
#include "control/protocol/observer.h"

namespace ringway::control {

/// Who knows what peers and tunnels are called. Allocates nothing.
class EventNames {
  public:
    virtual ~EventNames() = default;
    /// Fills in the event's tunnel, peer, key and endpoint. False if there is no such peer.
    [[nodiscard]] virtual bool describe_peer(protocol::PeerId peer, Event& event) const = 0;
    /// Fills in the event's tunnel, and its peer if `key`, which may be null, is that of one.
    virtual void describe_tunnel(protocol::TunnelId tunnel, const crypto::PublicKey* key,
                                 Event& event) const = 0;
};

/// What happens to peers and to the configuration: told once, here, and from here to the journal, which
/// REST streams (/api/v1/events), and to the log, component `events`. What strangers can cause is told at
/// a bounded rate. Control thread; telling allocates nothing.
class Events final : public protocol::Observer {
  public:
    static constexpr std::size_t kKept = 4096;

    explicit Events(const Logger& logger, LogClocks clocks = LogClocks::of_system());

    /// Until then nothing is told; `names` must outlive what tells.
    void set_names(const EventNames& names) { names_ = &names; }
    [[nodiscard]] Journal& journal() { return journal_; }

    struct ConfigurationChange {
        ChangedBy by;
        Change change;
        std::span<const FieldChange> fields = {};
    };
    /// The one call for whoever changes a tunnel.
    void configuration_changed(protocol::TunnelId tunnel, const ConfigurationChange& change);
    /// The one call for whoever changes a peer: while it exists.
    void configuration_changed_of(protocol::PeerId peer, const ConfigurationChange& change);

    void peer_up(protocol::PeerId peer, bool is_initiator) override;
    void peer_down(protocol::PeerId peer, protocol::DownReason reason) override;
    void peer_roamed(protocol::PeerId peer, const dataplane::Endpoint& before,
                     const dataplane::Endpoint& now) override;
    void handshake_failed(protocol::PeerId peer, protocol::PeerProblem why) override;
    void response_refused(protocol::PeerId peer, protocol::Verdict why,
                          const dataplane::Endpoint& from) override;
    void initiation_refused(protocol::TunnelId tunnel, const crypto::PublicKey& key, protocol::Verdict why,
                            const dataplane::Endpoint& from) override;

  private:
    /// False if the event is to be kept back.
    [[nodiscard]] bool admit(Event& event, LogLimit& limit) const;
    void tell_of(protocol::PeerId peer, Event& event);
    void tell(Event& event);
    void log(const Event& event) const;

    Logger logger_;
    LogClocks clocks_;
    const EventNames* names_ = nullptr;
    Journal journal_;
    // What peers can cause, and what anyone can, each reason by itself.
    LogLimit roaming_{100};
    LogLimit failures_{100};
    std::array<LogLimit, protocol::kVerdicts> refusals_;
};

}  // namespace ringway::control
