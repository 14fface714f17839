#include "crypto/aead_ipsec_mb.h"

#include <intel-ipsec-mb.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include "crypto/aead.h"
#include "crypto/secret_pool.h"

namespace ringway::crypto {
namespace {

using Direction = AeadOperation::Direction;
using Nonce = std::array<std::uint8_t, 12>;
using Tag = std::array<std::uint8_t, kTagBytes>;

constexpr std::size_t kJobsPerSubmit = IMB_MAX_BURST_SIZE;
constexpr std::size_t kAlignment = 64;

void initialise(IMB_MGR* manager, IpsecMbAead::Architecture wanted) {
    switch (wanted) {
        case IpsecMbAead::Architecture::best:
            init_mb_mgr_auto(manager, nullptr);
            break;
        case IpsecMbAead::Architecture::sse:
            init_mb_mgr_sse(manager);
            break;
        case IpsecMbAead::Architecture::avx:
            init_mb_mgr_avx(manager);
            break;
        case IpsecMbAead::Architecture::avx2:
            init_mb_mgr_avx2(manager);
            break;
        case IpsecMbAead::Architecture::avx512:
            init_mb_mgr_avx512(manager);
            break;
    }
    if (const int error = imb_get_errno(manager); error != 0) {
        throw std::runtime_error(std::string("IPsec-MB: ") + imb_get_strerror(error));
    }
}

void prepare(IMB_JOB& job, const AeadOperation& operation, Nonce& nonce, Tag& computed_tag) {
    const bool seals = operation.direction == Direction::seal;
    nonce = AeadNonce(operation.counter).bytes;

    job.cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
    job.hash_alg = IMB_AUTH_CHACHA20_POLY1305;
    job.cipher_direction = seals ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
    job.chain_order = seals ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
    job.enc_keys = operation.key->data();
    job.dec_keys = operation.key->data();
    job.key_len_in_bytes = kKeyBytes;
    job.iv = nonce.data();
    job.iv_len_in_bytes = nonce.size();
    job.u.CHACHA20_POLY1305.aad = nullptr;
    job.u.CHACHA20_POLY1305.aad_len_in_bytes = 0;
    job.src = operation.from();
    job.dst = operation.data;
    job.cipher_start_src_offset_in_bytes = 0;
    job.hash_start_src_offset_in_bytes = 0;
    job.msg_len_to_cipher_in_bytes = operation.length;
    job.msg_len_to_hash_in_bytes = operation.length;
    job.auth_tag_output = seals ? operation.data + operation.length : computed_tag.data();
    job.auth_tag_output_len_in_bytes = kTagBytes;
}

/// The comparison takes the same time for every tag; its outcome is no secret, since the sender of
/// a forged packet may learn that it was dropped.
bool settle(const AeadOperation& operation, const Tag& computed_tag) {
    if (operation.direction == Direction::seal) return true;
    const bool right = crypto_verify_16(computed_tag.data(), operation.from() + operation.length) == 0;
    if (!right && operation.length > 0) std::memset(operation.data, 0, operation.length);
    return right;
}

}  // namespace

/// What the jobs of one submission point at.
struct IpsecMbAead::Scratch {
    std::array<Nonce, kJobsPerSubmit> nonces;
    std::array<Tag, kJobsPerSubmit> tags;  ///< of packets being opened, as computed
};

std::size_t IpsecMbAead::arena_bytes() {
    return imb_get_mb_mgr_size() + sizeof(Scratch) + 2 * kAlignment;
}

IpsecMbAead::IpsecMbAead(SecretArena& arena, Architecture wanted)
    : manager_(imb_set_pointers_mb_mgr(arena.carve(imb_get_mb_mgr_size(), kAlignment), 0, 1)),
      scratch_(new (arena.carve(sizeof(Scratch), kAlignment)) Scratch()) {
    if (manager_ == nullptr) throw std::runtime_error("IPsec-MB: no manager");
    initialise(manager_, wanted);
}

void IpsecMbAead::run(std::span<AeadOperation> operations) noexcept {
    while (!operations.empty())
        operations = operations.subspan(submit(operations));
}

/// Does as many operations, from the first on, as one submission takes.
std::size_t IpsecMbAead::submit(std::span<AeadOperation> operations) {
    std::array<IMB_JOB*, kJobsPerSubmit> jobs;
    const auto wanted = static_cast<std::uint32_t>(std::min(operations.size(), kJobsPerSubmit));
    const std::uint32_t count = IMB_GET_NEXT_BURST(manager_, wanted, jobs.data());
    for (std::uint32_t i = 0; i < count; ++i) {
        prepare(*jobs[i], operations[i], scratch_->nonces[i], scratch_->tags[i]);
    }
    // The checks that 'nocheck' leaves out are of what prepare() has just written. This cipher is
    // done at once; were it not, a packet could leave in clear, which is worse than no gateway.
    if (count == 0 || IMB_SUBMIT_BURST_NOCHECK(manager_, count, jobs.data()) != count) std::abort();
    for (std::uint32_t i = 0; i < count; ++i) {
        operations[i].ok = settle(operations[i], scratch_->tags[i]);
    }
    return count;
}

std::string_view IpsecMbAead::architecture() const {
    switch (static_cast<IMB_ARCH>(manager_->used_arch)) {
        case IMB_ARCH_NOAESNI:
            return "noaesni";
        case IMB_ARCH_SSE:
            return "sse";
        case IMB_ARCH_AVX:
            return "avx";
        case IMB_ARCH_AVX2:
            return "avx2";
        case IMB_ARCH_AVX512:
            return "avx512";
        default:
            return "none";
    }
}

}  // namespace ringway::crypto
