#pragma once

#include <cstdio>
#include <cstdlib>

namespace ringway::tests {

/// Ends the program if the promise is broken: fuzzers keep the input then.
inline void promise(bool kept, const char* what) {
    if (kept) return;
    (void)std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

}  // namespace ringway::tests
