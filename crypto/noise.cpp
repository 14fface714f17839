#include "crypto/noise.h"

#include <algorithm>
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
    RemoteIdentity* const one = &remote;
    complete({&one, 1}, local);
    return remote;
}

void RemoteIdentity::complete(std::span<RemoteIdentity* const> remotes, const LocalIdentity& local,
                              X25519Path path) {
    std::array<X25519Job, 64> jobs;
    while (!remotes.empty()) {
        const auto part = remotes.first(std::min(remotes.size(), jobs.size()));
        for (std::size_t i = 0; i < part.size(); ++i)
            jobs[i] = X25519Job::shared(part[i]->static_static, local.private_key, part[i]->public_key);
        x25519_batch(std::span(jobs).first(part.size()), path);
        for (RemoteIdentity* remote : part) {
            remote->usable = remote->public_key != local.public_key && !remote->static_static.is_zero();
            if (!remote->usable) remote->static_static.wipe();
        }
        remotes = remotes.subspan(part.size());
    }
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

void DiffieHellmans::wipe() noexcept {
    ephemeral_private.wipe();
    ephemeral = {};
    remote_ephemeral = {};
    first.wipe();
    second.wipe();
}

std::array<X25519Job, 2> prepare_initiation(DiffieHellmans& done, const RemoteIdentity& remote,
                                            Random& random) {
    done.ephemeral_private = generate_private_key(random);
    return {X25519Job::base(done.ephemeral, done.ephemeral_private),
            X25519Job::shared(done.first, done.ephemeral_private, remote.public_key)};
}

bool create_initiation(Handshake& handshake, const LocalIdentity& local, const RemoteIdentity& remote,
                       ReceiverIndex local_index, const Tai64n& timestamp, Random& random,
                       MessageInitiation& out) {
    DiffieHellmans done;
    if (remote.usable) x25519_batch(prepare_initiation(done, remote, random));
    return create_initiation(handshake, local, remote, local_index, timestamp, done, out);
}

bool create_initiation(Handshake& handshake, const LocalIdentity& local, const RemoteIdentity& remote,
                       ReceiverIndex local_index, const Tai64n& timestamp, DiffieHellmans& done,
                       MessageInitiation& out) {
    handshake.wipe();
    out = {};
    if (!remote.usable) return false;
    SymmetricState& symmetric = handshake.symmetric;
    SymmetricKey key;
    symmetric.start(remote.public_key);

    // e
    symmetric.mix_ephemeral(done.ephemeral);
    // es
    if (!symmetric.mix_dh(key, done.first)) {
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
    out.unencrypted_ephemeral = done.ephemeral.bytes;
    handshake.ephemeral_private = std::move(done.ephemeral_private);
    handshake.local_index = local_index;
    handshake.state = Handshake::State::initiation_sent;
    return true;
}

X25519Job prepare_open(DiffieHellmans& done, const LocalIdentity& local, const MessageInitiation& message) {
    done.remote_ephemeral = {message.unencrypted_ephemeral};
    return X25519Job::shared(done.first, local.private_key, done.remote_ephemeral);
}

bool open_initiation(OpenedInitiation& opened, const LocalIdentity& local, const MessageInitiation& message) {
    DiffieHellmans done;
    const X25519Job job = prepare_open(done, local, message);
    x25519_batch({&job, 1});
    return open_initiation(opened, local, message, done);
}

bool open_initiation(OpenedInitiation& opened, const LocalIdentity& local, const MessageInitiation& message,
                     const DiffieHellmans& done) {
    opened.wipe();
    if (message.type != wire(MessageType::initiation)) return false;
    SymmetricState& symmetric = opened.symmetric;
    SymmetricKey key;
    symmetric.start(local.public_key);

    // e
    opened.remote_ephemeral = {message.unencrypted_ephemeral};
    symmetric.mix_ephemeral(opened.remote_ephemeral);
    // es, s
    if (!symmetric.mix_dh(key, done.first) ||
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

std::array<X25519Job, 3> prepare_response(DiffieHellmans& done, const PublicKey& remote_ephemeral,
                                          const RemoteIdentity& remote, Random& random) {
    done.ephemeral_private = generate_private_key(random);
    return {X25519Job::base(done.ephemeral, done.ephemeral_private),
            X25519Job::shared(done.first, done.ephemeral_private, remote_ephemeral),
            X25519Job::shared(done.second, done.ephemeral_private, remote.public_key)};
}

bool create_response(Handshake& handshake, const RemoteIdentity& remote, ReceiverIndex local_index,
                     Random& random, MessageResponse& out) {
    DiffieHellmans done;
    if (handshake.state == Handshake::State::initiation_consumed && remote.usable) {
        x25519_batch(prepare_response(done, handshake.remote_ephemeral, remote, random));
    }
    return create_response(handshake, remote, local_index, done, out);
}

bool create_response(Handshake& handshake, const RemoteIdentity& remote, ReceiverIndex local_index,
                     const DiffieHellmans& done, MessageResponse& out) {
    out = {};
    if (handshake.state != Handshake::State::initiation_consumed) return false;
    SymmetricState& symmetric = handshake.symmetric;
    SymmetricKey key;

    // e
    symmetric.mix_ephemeral(done.ephemeral);
    // ee, se
    if (!remote.usable || !symmetric.mix_dh(done.first) || !symmetric.mix_dh(done.second)) {
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
    out.unencrypted_ephemeral = done.ephemeral.bytes;
    handshake.local_index = local_index;
    handshake.state = Handshake::State::response_sent;
    return true;
}

namespace {

bool awaits(const Handshake& handshake, const MessageResponse& message) {
    return handshake.state == Handshake::State::initiation_sent &&
           message.type == wire(MessageType::response) && message.receiver == handshake.local_index;
}

}  // namespace

std::array<X25519Job, 2> prepare_consume(DiffieHellmans& done, const Handshake& handshake,
                                         const LocalIdentity& local, const MessageResponse& message) {
    done.remote_ephemeral = {message.unencrypted_ephemeral};
    return {X25519Job::shared(done.first, handshake.ephemeral_private, done.remote_ephemeral),
            X25519Job::shared(done.second, local.private_key, done.remote_ephemeral)};
}

bool consume_response(Handshake& handshake, const LocalIdentity& local, const RemoteIdentity& remote,
                      const MessageResponse& message) {
    DiffieHellmans done;
    if (awaits(handshake, message)) x25519_batch(prepare_consume(done, handshake, local, message));
    return consume_response(handshake, remote, message, done);
}

bool consume_response(Handshake& handshake, const RemoteIdentity& remote, const MessageResponse& message,
                      const DiffieHellmans& done) {
    if (!awaits(handshake, message)) return false;
    // A copy, so that a forgery leaves no trace in the handshake.
    SymmetricState symmetric = handshake.symmetric.copy();
    SymmetricKey key;

    // e
    symmetric.mix_ephemeral({message.unencrypted_ephemeral});
    // ee, se
    if (!symmetric.mix_dh(done.first) || !symmetric.mix_dh(done.second)) return false;
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
