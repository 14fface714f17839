#pragma once

// The Noise_IKpsk2 handshake of WireGuard as pure functions of (state, message, randomness): no
// clock, no I/O, no allocation. Source: the WireGuard paper, section 5.4; the tokens e, es, s, ss,
// ee, se, psk stand beside the steps in noise.cpp.
//
// Each step that needs Diffie-Hellmans comes in two forms: at once, or in two halves, prepare_...() which
// asks for them and a second one which goes on with what came of them, so that those of many handshakes
// can be done together by x25519_batch(). Both give the same.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "crypto/keys.h"
#include "crypto/messages.h"
#include "crypto/random.h"
#include "crypto/symmetric_state.h"
#include "crypto/tai64n.h"
#include "crypto/x25519_batch.h"

namespace ringway::crypto {

/// Who we are on one tunnel. Made once per configuration of the tunnel's key.
struct LocalIdentity {
    PrivateKey private_key;
    PublicKey public_key;

    /// Takes the private key (clamped as X25519 wants it) and computes the public one.
    [[nodiscard]] static LocalIdentity from(PrivateKey private_key);
};

/// What we know of one peer before any handshake. Made once per configuration of the peer or of
/// the tunnel's key, so that no handshake repeats the static-static Diffie-Hellman.
struct RemoteIdentity {
    PublicKey public_key;
    PresharedKey preshared_key;  ///< all zero when none is configured
    KeyMaterial static_static;   ///< DH(our static, their static)
    bool usable = false;         ///< false: a low-order key, or our own; no handshake can be made with it

    [[nodiscard]] static RemoteIdentity from(const LocalIdentity& local, const PublicKey& public_key,
                                             PresharedKey preshared_key);
    /// The same of many, whose public_key is set, with their Diffie-Hellmans done together. `path` as
    /// x25519_batch() has it.
    static void complete(std::span<RemoteIdentity* const> remotes, const LocalIdentity& local,
                         X25519Path path = best_x25519_path());
};

/// One handshake under way with one peer. Lives in locked memory; wiped by wipe() and when dead.
struct Handshake {
    enum class State : std::uint8_t {
        none,
        initiation_sent,
        initiation_consumed,
        response_sent,
        response_consumed
    };

    State state = State::none;
    SymmetricState symmetric;
    PrivateKey ephemeral_private;  ///< the initiator's, until the response; a responder keeps none
    PublicKey remote_ephemeral;    ///< the initiator's, on the responder's side
    ReceiverIndex local_index;
    ReceiverIndex remote_index;

    /// Forgets everything, secrets zeroed.
    void wipe() noexcept;
};

/// The two directions of a session, as derived at the end of a handshake.
struct TransportKeys {
    SymmetricKey send;
    SymmetricKey receive;
};

/// An initiation whose static key has been opened and whose sender is therefore known, but whose
/// timestamp has not been looked at. A scratch object: it touches no peer's state until the caller
/// accepts it. Wiped when dead.
struct OpenedInitiation {
    PublicKey remote_static;
    SymmetricState symmetric;
    PublicKey remote_ephemeral;
    ReceiverIndex remote_index;
    bool authentic = false;  ///< the timestamp was opened too: remote_static's owner made the message

    /// Forgets everything, secrets zeroed.
    void wipe() noexcept;
};

/// What one step of one handshake asks X25519 for, and what came of it. Lives in locked memory while
/// others' steps are collected; wiped by wipe() and when dead. Jobs point into it.
struct DiffieHellmans {
    PrivateKey ephemeral_private;  ///< ours, if the step makes one
    PublicKey ephemeral;           ///< the same
    PublicKey remote_ephemeral;    ///< of the message that the step consumes
    KeyMaterial first;             ///< es, or ee
    KeyMaterial second;            ///< se

    /// Forgets everything, secrets zeroed.
    void wipe() noexcept;
};

/// First message, initiator: fills `out` but for its MACs and puts `handshake` into
/// initiation_sent. False, with the handshake wiped, if the remote key is unusable.
[[nodiscard]] bool create_initiation(Handshake& handshake, const LocalIdentity& local,
                                     const RemoteIdentity& remote, ReceiverIndex local_index,
                                     const Tai64n& timestamp, Random& random, MessageInitiation& out);

/// In halves: a new ephemeral key, and es.
[[nodiscard]] std::array<X25519Job, 2> prepare_initiation(DiffieHellmans& done, const RemoteIdentity& remote,
                                                          Random& random);
[[nodiscard]] bool create_initiation(Handshake& handshake, const LocalIdentity& local,
                                     const RemoteIdentity& remote, ReceiverIndex local_index,
                                     const Tai64n& timestamp, DiffieHellmans& done, MessageInitiation& out);

/// First message, responder, step one: who sent it? False, with `opened` wiped, if it was not sealed
/// for us, or with a low-order ephemeral. The caller has checked the message's MACs.
[[nodiscard]] bool open_initiation(OpenedInitiation& opened, const LocalIdentity& local,
                                   const MessageInitiation& message);

/// In halves: es.
[[nodiscard]] X25519Job prepare_open(DiffieHellmans& done, const LocalIdentity& local,
                                     const MessageInitiation& message);
[[nodiscard]] bool open_initiation(OpenedInitiation& opened, const LocalIdentity& local,
                                   const MessageInitiation& message, const DiffieHellmans& done);

/// First message, responder, step two, with the peer that `opened.remote_static` names: its
/// timestamp, or nothing, with `opened` wiped, if it is not authentic or the peer is unusable. The
/// caller then applies the replay and flood rules before it accepts.
[[nodiscard]] std::optional<Tai64n> open_timestamp(OpenedInitiation& opened, const RemoteIdentity& remote,
                                                   const MessageInitiation& message);

/// First message, responder, step three: the initiation becomes the peer's handshake
/// (initiation_consumed). Whatever handshake was there is wiped. `opened` is used up; if its
/// timestamp was never opened, the handshake ends up in state none.
void accept_initiation(Handshake& handshake, OpenedInitiation& opened);

/// Second message, responder: fills `out` but for its MACs; initiation_consumed -> response_sent.
/// False in any other state, which it leaves as it was, and with an unusable remote, where it wipes.
[[nodiscard]] bool create_response(Handshake& handshake, const RemoteIdentity& remote,
                                   ReceiverIndex local_index, Random& random, MessageResponse& out);

/// In halves, the first of which can be done before the initiation is accepted: a new ephemeral key, ee
/// and se. `remote_ephemeral` is the initiation's; it and `remote` must outlive the jobs.
[[nodiscard]] std::array<X25519Job, 3> prepare_response(DiffieHellmans& done,
                                                        const PublicKey& remote_ephemeral,
                                                        const RemoteIdentity& remote, Random& random);
[[nodiscard]] bool create_response(Handshake& handshake, const RemoteIdentity& remote,
                                   ReceiverIndex local_index, const DiffieHellmans& done,
                                   MessageResponse& out);

/// Second message, initiator: initiation_sent -> response_consumed. A message that does not
/// authenticate changes nothing: the handshake goes on waiting for the right one.
[[nodiscard]] bool consume_response(Handshake& handshake, const LocalIdentity& local,
                                    const RemoteIdentity& remote, const MessageResponse& message);

/// In halves: ee and se. If the handshake has gone on meanwhile, the second one refuses the message.
[[nodiscard]] std::array<X25519Job, 2> prepare_consume(DiffieHellmans& done, const Handshake& handshake,
                                                       const LocalIdentity& local,
                                                       const MessageResponse& message);
[[nodiscard]] bool consume_response(Handshake& handshake, const RemoteIdentity& remote,
                                    const MessageResponse& message, const DiffieHellmans& done);

/// The session's keys, from response_sent (we are the responder) or response_consumed (we are the
/// initiator), and the handshake is wiped; any other state gives nothing and stays as it was.
[[nodiscard]] std::optional<TransportKeys> derive_transport_keys(Handshake& handshake);

}  // namespace ringway::crypto
