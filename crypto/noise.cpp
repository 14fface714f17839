#include "crypto/noise.h"

#include <utility>

#include "crypto/x25519.h"

namespace ringway::crypto {

namespace {

Le32 wire(MessageType type) {
    return Le32(static_cast<std::uint32_t>(type));
}

}  // namespace

LocalIdentity LocalIdentity::from(PrivateKey private_key) {
    clamp(private_key);
    const PublicKey public_key = x25519_base(private_key);
    return {std::move(private_key), public_key};
}

RemoteIdentity RemoteIdentity::from(const LocalIdentity& local, const PublicKey& public_key,
                                    PresharedKey preshared_key) {
    RemoteIdentity remote{public_key, std::move(preshared_key), {}, false};
    remote.usable =
        public_key != local.public_key && x25519(remote.static_static, local.private_key, public_key);
    return remote;
}

void Handshake::wipe() noexcept {
    state = State::none;
    symmetric.wipe();
    ephemeral_private.wipe();
    remote_ephemeral = {};
    local_index = {};
    remote_index = {};
}

void OpenedInitiation::wipe() noexcept {
    remote_static = {};
    symmetric.wipe();
    remote_ephemeral = {};
    remote_index = {};
    authentic = false;
}

bool create_initiation(Handshake& handshake, const LocalIdentity& local, const RemoteIdentity& remote,
                       ReceiverIndex local_index, const Tai64n& timestamp, Random& random,
                       MessageInitiation& out) {
    handshake.wipe();
    out = {};
    if (!remote.usable) return false;
    SymmetricState& symmetric = handshake.symmetric;
    SymmetricKey key;
    symmetric.start(remote.public_key);

    // e
    handshake.ephemeral_private = generate_private_key(random);
    const PublicKey ephemeral = x25519_base(handshake.ephemeral_private);
    symmetric.mix_ephemeral(ephemeral);
    // es
    if (!symmetric.mix_dh(key, handshake.ephemeral_private, remote.public_key)) {
        handshake.wipe();
        return false;
    }
    // s
    symmetric.seal(out.encrypted_static, key, local.public_key.bytes);
    // ss
    symmetric.mix_shared(key, remote.static_static);
    // {t}
    symmetric.seal(out.encrypted_timestamp, key, timestamp.bytes);

    out.type = wire(MessageType::initiation);
    out.sender = local_index;
    out.unencrypted_ephemeral = ephemeral.bytes;
    handshake.local_index = local_index;
    handshake.state = Handshake::State::initiation_sent;
    return true;
}

bool open_initiation(OpenedInitiation& opened, const LocalIdentity& local, const MessageInitiation& message) {
    opened.wipe();
    if (message.type != wire(MessageType::initiation)) return false;
    SymmetricState& symmetric = opened.symmetric;
    SymmetricKey key;
    symmetric.start(local.public_key);

    // e
    opened.remote_ephemeral = {message.unencrypted_ephemeral};
    symmetric.mix_ephemeral(opened.remote_ephemeral);
    // es, s
    if (!symmetric.mix_dh(key, local.private_key, opened.remote_ephemeral) ||
        !symmetric.open(opened.remote_static.bytes, key, message.encrypted_static)) {
        opened.wipe();
        return false;
    }
    opened.remote_index = message.sender;
    return true;
}

std::optional<Tai64n> open_timestamp(OpenedInitiation& opened, const RemoteIdentity& remote,
                                     const MessageInitiation& message) {
    SymmetricState& symmetric = opened.symmetric;
    SymmetricKey key;
    Tai64n timestamp;

    // ss
    symmetric.mix_shared(key, remote.static_static);
    // {t}
    if (!remote.usable || !symmetric.open(timestamp.bytes, key, message.encrypted_timestamp)) {
        opened.wipe();
        return std::nullopt;
    }
    opened.authentic = true;
    return timestamp;
}

void accept_initiation(Handshake& handshake, OpenedInitiation& opened) {
    handshake.wipe();
    if (opened.authentic) {
        handshake.symmetric = std::move(opened.symmetric);
        handshake.remote_ephemeral = opened.remote_ephemeral;
        handshake.remote_index = opened.remote_index;
        handshake.state = Handshake::State::initiation_consumed;
    }
    opened.wipe();
}

bool create_response(Handshake& handshake, const RemoteIdentity& remote, ReceiverIndex local_index,
                     Random& random, MessageResponse& out) {
    out = {};
    if (handshake.state != Handshake::State::initiation_consumed) return false;
    SymmetricState& symmetric = handshake.symmetric;
    SymmetricKey key;

    // e
    const PrivateKey ephemeral_private = generate_private_key(random);
    const PublicKey ephemeral = x25519_base(ephemeral_private);
    symmetric.mix_ephemeral(ephemeral);
    // ee, se
    if (!remote.usable || !symmetric.mix_dh(ephemeral_private, handshake.remote_ephemeral) ||
        !symmetric.mix_dh(ephemeral_private, remote.public_key)) {
        handshake.wipe();
        return false;
    }
    // psk
    symmetric.mix_preshared_key(key, remote.preshared_key);
    // {}
    symmetric.seal(out.encrypted_nothing, key, {});

    out.type = wire(MessageType::response);
    out.sender = local_index;
    out.receiver = handshake.remote_index;
    out.unencrypted_ephemeral = ephemeral.bytes;
    handshake.local_index = local_index;
    handshake.state = Handshake::State::response_sent;
    return true;
}

bool consume_response(Handshake& handshake, const LocalIdentity& local, const RemoteIdentity& remote,
                      const MessageResponse& message) {
    if (handshake.state != Handshake::State::initiation_sent || message.type != wire(MessageType::response) ||
        message.receiver != handshake.local_index) {
        return false;
    }
    // A copy, so that a forgery leaves no trace in the handshake.
    SymmetricState symmetric = handshake.symmetric.copy();
    SymmetricKey key;

    // e
    const PublicKey remote_ephemeral{message.unencrypted_ephemeral};
    symmetric.mix_ephemeral(remote_ephemeral);
    // ee, se
    if (!symmetric.mix_dh(handshake.ephemeral_private, remote_ephemeral) ||
        !symmetric.mix_dh(local.private_key, remote_ephemeral)) {
        return false;
    }
    // psk
    symmetric.mix_preshared_key(key, remote.preshared_key);
    // {}
    if (!symmetric.open({}, key, message.encrypted_nothing)) return false;

    handshake.symmetric = std::move(symmetric);
    handshake.ephemeral_private.wipe();
    handshake.remote_index = message.sender;
    handshake.state = Handshake::State::response_consumed;
    return true;
}

std::optional<TransportKeys> derive_transport_keys(Handshake& handshake) {
    const bool is_initiator = handshake.state == Handshake::State::response_consumed;
    if (!is_initiator && handshake.state != Handshake::State::response_sent) return std::nullopt;
    std::optional<TransportKeys> keys(std::in_place);
    if (is_initiator) {
        handshake.symmetric.split(keys->send, keys->receive);
    } else {
        handshake.symmetric.split(keys->receive, keys->send);
    }
    handshake.wipe();
    return keys;
}

}  // namespace ringway::crypto
