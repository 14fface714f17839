#include "crypto/symmetric_state.h"

#include "crypto/aead.h"
#include "crypto/blake2s.h"
#include "crypto/kdf.h"

namespace ringway::crypto {

void SymmetricState::start(const PublicKey& responder) {
    chaining_key_ = KeyMaterial(kInitialChainingKey);
    hash_ = HandshakeHash(kInitialHash);
    mix_hash(responder.bytes);
}

SymmetricState SymmetricState::copy() const {
    SymmetricState copied;
    copied.chaining_key_ = chaining_key_.copy();
    copied.hash_ = hash_.copy();
    return copied;
}

void SymmetricState::wipe() noexcept {
    chaining_key_.wipe();
    hash_.wipe();
}

void SymmetricState::mix_hash(std::span<const std::uint8_t> input) {
    Blake2s().update(hash_.span()).update(input).finish(hash_.span());
}

void SymmetricState::mix_ephemeral(const PublicKey& ephemeral) {
    mix_hash(ephemeral.bytes);
    kdf1(chaining_key_, chaining_key_, ephemeral.bytes);
}

bool SymmetricState::mix_dh(const KeyMaterial& shared) {
    if (shared.is_zero()) return false;
    kdf1(chaining_key_, chaining_key_, shared.span());
    return true;
}

bool SymmetricState::mix_dh(SymmetricKey& key, const KeyMaterial& shared) {
    if (shared.is_zero()) return false;
    mix_shared(key, shared);
    return true;
}

void SymmetricState::mix_shared(SymmetricKey& key, const KeyMaterial& shared) {
    kdf2(chaining_key_, key, chaining_key_, shared.span());
}

void SymmetricState::mix_preshared_key(SymmetricKey& key, const PresharedKey& preshared_key) {
    KeyMaterial to_hash;
    kdf3(chaining_key_, to_hash, key, chaining_key_, preshared_key.span());
    mix_hash(to_hash.span());
}

void SymmetricState::seal(std::span<std::uint8_t> out, const SymmetricKey& key,
                          std::span<const std::uint8_t> plaintext) {
    aead_seal(out, key, 0, plaintext, hash_.span());
    mix_hash(out);
}

bool SymmetricState::open(std::span<std::uint8_t> out, const SymmetricKey& key,
                          std::span<const std::uint8_t> sealed) {
    if (!aead_open(out, key, 0, sealed, hash_.span())) return false;
    mix_hash(sealed);
    return true;
}

void SymmetricState::split(SymmetricKey& from_initiator, SymmetricKey& from_responder) const {
    kdf2(from_initiator, from_responder, chaining_key_, {});
}

}  // namespace ringway::crypto
