#pragma once

// Known answers, for the code that this CPU would run: a broken build or CPU is found before a packet
// meets it.

#include <string>
#include <vector>

#include "crypto/aead_burst.h"

namespace ringway::crypto {

struct SelfTestResult {
    std::string path;  ///< "aead avx512"
    bool ok;
};

/// Seals, opens and refuses packets of all kinds of lengths, in one burst and one by one.
[[nodiscard]] bool passes_known_answers(AeadBurst& aead);

/// Of every path that this CPU can take. Takes some milliseconds.
[[nodiscard]] std::vector<SelfTestResult> self_test();

}  // namespace ringway::crypto
