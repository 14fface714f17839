#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "config/secret_text.h"

namespace ringway::control::rest {

/// What a client sent: preshared keys may be among it.
using WipedText = config::SecretText;

/// Zeroes what the calls that the caller has made left on the stack, where readers that are not ours have
/// their buffers.
[[gnu::noinline]] inline void wipe_stack() {
    constexpr std::size_t kDeepest = std::size_t{128} << 10;
    std::array<char, kDeepest> used;
    config::wipe_memory(used.data(), used.size());
}

inline void wipe(std::string& text) {
    config::wipe_memory(text.data(), text.size());
    text.clear();
}

}  // namespace ringway::control::rest
