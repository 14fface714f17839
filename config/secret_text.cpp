#include "config/secret_text.h"

#include <sodium.h>

namespace ringway::config {

void wipe_memory(void* bytes, std::size_t count) noexcept {
    sodium_memzero(bytes, count);
}

}  // namespace ringway::config
