#include "tools/load/test_keys.h"

#include <string_view>

#include "crypto/blake2s.h"
#include "crypto/endian.h"
#include "crypto/x25519.h"

namespace ringway::load {
namespace {

template <typename Key>
Key derive(std::string_view what, std::uint64_t seed, std::uint32_t number) {
    struct Input {
        crypto::Le64 seed;
        crypto::Le32 number;
    } const input{crypto::Le64(seed), crypto::Le32(number)};
    Key key;
    crypto::Blake2s hash;
    hash.update({reinterpret_cast<const std::uint8_t*>(what.data()), what.size()});
    hash.update({reinterpret_cast<const std::uint8_t*>(&input), sizeof(input)});
    hash.finish(key.span());
    return key;
}

crypto::PrivateKey private_key(std::string_view what, std::uint64_t seed, std::uint32_t number) {
    auto key = derive<crypto::PrivateKey>(what, seed, number);
    crypto::clamp(key);
    return key;
}

}  // namespace

crypto::PrivateKey peer_private_key(std::uint64_t seed, std::uint32_t number) {
    return private_key("ringway-load peer", seed, number);
}

crypto::PresharedKey peer_preshared_key(std::uint64_t seed, std::uint32_t number) {
    return derive<crypto::PresharedKey>("ringway-load preshared", seed, number);
}

crypto::PrivateKey gateway_private_key(std::uint64_t seed) {
    return private_key("ringway-load gateway", seed, 0);
}

}  // namespace ringway::load
