#include "crypto/random.h"

#include "crypto/sodium_start.h"

namespace ringway::crypto {

void SystemRandom::fill(std::span<std::uint8_t> out) {
    if (out.empty()) return;  // libsodium wants a pointer even then
    randombytes_buf(out.data(), out.size());
}

}  // namespace ringway::crypto
