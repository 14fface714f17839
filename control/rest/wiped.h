#pragma once

#include <string>

#include "config/secret_text.h"

namespace ringway::control::rest {

/// What a client sent: preshared keys may be among it.
using WipedText = config::SecretText;

inline void wipe(std::string& text) {
    config::wipe_memory(text.data(), text.size());
    text.clear();
}

}  // namespace ringway::control::rest
