#pragma once

// ChaCha20-Poly1305 (RFC 8439) over a burst of packets. The nonce is WireGuard's: four zero bytes
// and the counter, little-endian; there is no additional data (paper section 5.4.6).

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "crypto/aead_ipsec_mb.h"
#include "crypto/aead_operation.h"
#include "crypto/aead_policy.h"
#include "crypto/messages.h"

namespace ringway::crypto {

/// Seals and opens whole bursts. One per crypto lcore: it holds that lcore's IPsec-MB manager, the
/// best the CPU has, and the multi-buffer AEAD of the policy's kernel. run() may be called by one thread
/// at a time.
class AeadBurst {
  public:
    /// Operations taken by one call of run().
    static constexpr std::size_t kMaxOperations = kMaxAeadOperations;

    using Architecture = IpsecMbAead::Architecture;

    /// Throws std::runtime_error when IPsec-MB offers nothing for this CPU, and std::system_error when
    /// there is no locked memory to be had. A child process must not use its parent's.
    explicit AeadBurst(const AeadPolicy& policy = {});
    /// All by IPsec-MB with this instruction set, for tests and measurements.
    explicit AeadBurst(Architecture wanted);
    ~AeadBurst();
    AeadBurst(AeadBurst&&) noexcept;
    AeadBurst& operator=(AeadBurst&&) noexcept;

    /// Does every operation of the burst, each with its own key, counter and direction. REQUIRES:
    /// at most kMaxOperations; each packet has 16 writable bytes behind `length`; packets do not
    /// overlap. After it, `ok` is true for every seal, and for an open exactly if the tag was right,
    /// compared in constant time; a packet whose tag was wrong holds no plaintext (its bytes are
    /// zeroed). Never allocates.
    void run(std::span<AeadOperation> operations) noexcept;

    /// IPsec-MB's instruction set, as IPsec-MB names it ("avx512").
    [[nodiscard]] std::string_view architecture() const;

  private:
    AeadBurst(const AeadPolicy& policy, Architecture wanted);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ringway::crypto
