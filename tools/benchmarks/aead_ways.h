#pragma once

// Other ways to seal and open packets than the gateway's, to compare with: one packet after another.

#include <openssl/evp.h>

#include <memory>
#include <span>

#include "crypto/aead_operation.h"

struct IMB_MGR;

namespace ringway::bench {

/// OpenSSL's EVP with a context that is kept; each packet's key is set, as each has its own.
class OpenSslAead {
  public:
    /// Throws std::runtime_error if OpenSSL lacks the cipher.
    OpenSslAead();
    void run(std::span<crypto::AeadOperation> operations);

  private:
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

/// IPsec-MB without jobs: its functions for one packet.
class IpsecMbDirect {
  public:
    /// Throws std::runtime_error if IPsec-MB offers nothing for this CPU.
    IpsecMbDirect();
    void run(std::span<crypto::AeadOperation> operations);

  private:
    std::unique_ptr<IMB_MGR, void (*)(IMB_MGR*)> manager_;
};

}  // namespace ringway::bench
