#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ringway::config {

/// Tells whether a text is still the one that was read (BLAKE2b). It says nothing of what is in it.
struct TextDigest {
    std::array<std::uint8_t, 32> bytes{};
    bool operator==(const TextDigest&) const = default;
};

[[nodiscard]] TextDigest digest_of(std::string_view text);

}  // namespace ringway::config
