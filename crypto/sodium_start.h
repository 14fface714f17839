#pragma once

#include <sodium.h>

#include <cstdlib>

namespace ringway::crypto {

/// libsodium, started before main() in every program that includes this: its generator seeded, the
/// best implementation for this CPU chosen. Included by the sources that call it, so that no caller
/// of ours has to remember.
inline const bool kSodiumStarted = [] {
    if (sodium_init() < 0) std::abort();
    return true;
}();

}  // namespace ringway::crypto
