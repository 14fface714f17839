#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/keys.h"

namespace ringway::crypto {

/// One packet to seal or open.
struct AeadOperation {
    enum class Direction : std::uint8_t { seal, open };

    const SymmetricKey* key;
    std::uint64_t counter;
    std::uint8_t* data;    ///< plaintext or ciphertext; the 16-byte tag lies, or is put, right behind it
    std::uint32_t length;  ///< bytes at `data`, without the tag; may be zero
    Direction direction;
    bool ok;  ///< out: sealed, or opened with a right tag; see AeadBurst::run()
    /// Where the packet is read, with its tag when it is opened; null: at `data`, in place. REQUIRES: it
    /// is `data` or does not overlap what is written there.
    const std::uint8_t* source = nullptr;

    [[nodiscard]] const std::uint8_t* from() const { return source == nullptr ? data : source; }
};

/// Operations taken by one call of a burst AEAD.
inline constexpr std::size_t kMaxAeadOperations = 256;

}  // namespace ringway::crypto
