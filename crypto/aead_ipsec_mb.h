#pragma once

// ChaCha20-Poly1305 over a burst by IPsec-MB, which does one packet after another.

#include <cstdint>
#include <span>
#include <string_view>

#include "crypto/aead_operation.h"
#include "crypto/secret_pool.h"

struct IMB_MGR;

namespace ringway::crypto {

/// One IPsec-MB manager. One thread at a time.
class IpsecMbAead {
  public:
    /// The instruction set to use. All but `best` are for tests and measurements.
    enum class Architecture : std::uint8_t { best, sse, avx, avx2, avx512 };

    /// Bytes of arena that one takes.
    [[nodiscard]] static std::size_t arena_bytes();

    /// Manager and scratch lie in `arena`: IPsec-MB keeps pointers to keys and may keep what it derived
    /// from them. Throws std::runtime_error when IPsec-MB offers nothing for this CPU.
    IpsecMbAead(SecretArena& arena, Architecture wanted);

    /// As AeadBurst::run().
    void run(std::span<AeadOperation> operations) noexcept;

    /// The instruction set in use, as IPsec-MB names it ("avx512").
    [[nodiscard]] std::string_view architecture() const;

  private:
    struct Scratch;
    std::size_t submit(std::span<AeadOperation> operations);

    IMB_MGR* manager_;
    Scratch* scratch_;
};

}  // namespace ringway::crypto
