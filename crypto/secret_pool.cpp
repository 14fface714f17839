#include "crypto/secret_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "crypto/sodium_start.h"

namespace ringway::crypto {
namespace {

std::size_t round_up(std::size_t value, std::size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// Locked, left out of core dumps, and empty in a child process.
bool protect(void* base, std::size_t bytes) {
    return mlock(base, bytes) == 0 && madvise(base, bytes, MADV_DONTDUMP) == 0 &&
           madvise(base, bytes, MADV_WIPEONFORK) == 0;
}

}  // namespace

SecretArena::SecretArena(std::size_t bytes)
    : bytes_(round_up(bytes, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)))) {
    if (bytes_ == 0) return;
    void* base = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) throw std::system_error(errno, std::system_category(), "mapping secret memory");
    if (!protect(base, bytes_)) {
        const int error = errno;
        munmap(base, bytes_);
        throw std::system_error(error, std::system_category(),
                                "locking secret memory (is the limit 'memlock' too low?)");
    }
    base_ = static_cast<std::uint8_t*>(base);
}

SecretArena::~SecretArena() {
    if (base_ == nullptr) return;
    sodium_memzero(base_, bytes_);
    munmap(base_, bytes_);
}

void* SecretArena::carve(std::size_t bytes, std::size_t alignment) {
    const std::size_t start = round_up(used_, alignment);
    if (start > bytes_ || bytes > bytes_ - start) throw std::bad_alloc();
    used_ = start + bytes;
    return base_ + start;
}

}  // namespace ringway::crypto
