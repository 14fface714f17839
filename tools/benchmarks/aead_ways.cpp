#include "tools/benchmarks/aead_ways.h"

#include <intel-ipsec-mb.h>

#include <array>
#include <stdexcept>

#include "crypto/aead.h"

namespace ringway::bench {

using crypto::AeadNonce;
using crypto::AeadOperation;
using crypto::kTagBytes;
using Direction = AeadOperation::Direction;

OpenSslAead::OpenSslAead() : context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free) {
    if (EVP_CipherInit_ex(context_.get(), EVP_chacha20_poly1305(), nullptr, nullptr, nullptr, 1) != 1)
        throw std::runtime_error("OpenSSL has no ChaCha20-Poly1305");
}

void OpenSslAead::run(std::span<AeadOperation> operations) {
    for (AeadOperation& operation : operations) {
        const bool seals = operation.direction == Direction::seal;
        std::uint8_t* const tag = operation.data + operation.length;
        int written = 0;
        bool ok = EVP_CipherInit_ex(context_.get(), nullptr, nullptr, operation.key->data(),
                                    AeadNonce(operation.counter).bytes.data(), seals ? 1 : 0) == 1;
        if (!seals)
            ok = ok && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag) == 1;
        ok = ok && EVP_CipherUpdate(context_.get(), operation.data, &written, operation.data,
                                    static_cast<int>(operation.length)) == 1;
        ok = ok && EVP_CipherFinal_ex(context_.get(), tag, &written) == 1;
        if (seals) ok = ok && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1;
        operation.ok = ok;
    }
}

IpsecMbDirect::IpsecMbDirect() : manager_(alloc_mb_mgr(0), &free_mb_mgr) {
    if (manager_ == nullptr) throw std::runtime_error("IPsec-MB: no manager");
    init_mb_mgr_auto(manager_.get(), nullptr);
    if (const int error = imb_get_errno(manager_.get()); error != 0)
        throw std::runtime_error(std::string("IPsec-MB: ") + imb_get_strerror(error));
}

void IpsecMbDirect::run(std::span<AeadOperation> operations) {
    IMB_MGR* const manager = manager_.get();
    chacha20_poly1305_context_data context;
    for (AeadOperation& operation : operations) {
        const AeadNonce nonce(operation.counter);
        const void* const no_additional_data = nonce.bytes.data();
        std::uint8_t* const tag = operation.data + operation.length;
        IMB_CHACHA20_POLY1305_INIT(manager, operation.key->data(), &context, nonce.bytes.data(),
                                   no_additional_data, 0);
        if (operation.direction == Direction::seal) {
            IMB_CHACHA20_POLY1305_ENC_UPDATE(manager, operation.key->data(), &context, operation.data,
                                             operation.data, operation.length);
            IMB_CHACHA20_POLY1305_ENC_FINALIZE(manager, &context, tag, kTagBytes);
            operation.ok = true;
        } else {
            std::array<std::uint8_t, kTagBytes> computed;
            IMB_CHACHA20_POLY1305_DEC_UPDATE(manager, operation.key->data(), &context, operation.data,
                                             operation.data, operation.length);
            IMB_CHACHA20_POLY1305_DEC_FINALIZE(manager, &context, computed.data(), kTagBytes);
            operation.ok = crypto_verify_16(computed.data(), tag) == 0;
        }
    }
}

}  // namespace ringway::bench
