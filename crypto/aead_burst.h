#pragma once

// ChaCha20-Poly1305 (RFC 8439) over a burst of packets. The nonce is WireGuard's: four zero bytes
// and the counter, little-endian; there is no additional data (paper section 5.4.6).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "crypto/keys.h"
#include "crypto/messages.h"

namespace ringway::crypto {

/// One packet to seal or open, in place.
struct AeadOperation {
    enum class Direction : std::uint8_t { seal, open };

    const SymmetricKey* key;
    std::uint64_t counter;
    std::uint8_t* data;    ///< plaintext or ciphertext; the 16-byte tag lies, or is put, right behind it
    std::uint32_t length;  ///< bytes at `data`, without the tag; may be zero
    Direction direction;
    bool ok;  ///< out: sealed, or opened with a right tag; see run()
};

/// Seals and opens whole bursts. One per crypto lcore: it holds that lcore's IPsec-MB manager, the
/// best the CPU has, chosen when it is made. run() may be called by one thread at a time.
class AeadBurst {
  public:
    /// Operations taken by one call of run().
    static constexpr std::size_t kMaxOperations = 256;

    /// The instruction set to use. All but `best` are for tests and measurements.
    enum class Architecture : std::uint8_t { best, sse, avx, avx2, avx512 };

    /// Throws std::runtime_error when IPsec-MB offers nothing for this CPU, and std::system_error when
    /// there is no locked memory to be had. A child process must not use its parent's.
    explicit AeadBurst(Architecture wanted = Architecture::best);
    ~AeadBurst();
    AeadBurst(AeadBurst&&) noexcept;
    AeadBurst& operator=(AeadBurst&&) noexcept;

    /// Does every operation of the burst, each with its own key, counter and direction. REQUIRES:
    /// at most kMaxOperations; each packet has 16 writable bytes behind `length`; packets do not
    /// overlap. After it, `ok` is true for every seal, and for an open exactly if the tag was right,
    /// compared in constant time; a packet whose tag was wrong holds no plaintext (its bytes are
    /// zeroed). Never allocates.
    void run(std::span<AeadOperation> operations) noexcept;

    /// The instruction set in use, as IPsec-MB names it ("avx512").
    [[nodiscard]] std::string_view architecture() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ringway::crypto
