#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::tests {

using Buffer = std::vector<std::uint8_t>;

/// Bytes written as hexadecimal digits; blanks between them do not count.
inline Buffer from_hex(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c != ' ') digits += c;
    }
    if (digits.size() % 2 != 0) throw std::invalid_argument("odd number of hexadecimal digits");
    Buffer bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

/// The same, where the number of bytes is known.
template <std::size_t Size>
std::array<std::uint8_t, Size> array_from_hex(std::string_view text) {
    const Buffer bytes = from_hex(text);
    if (bytes.size() != Size) throw std::invalid_argument("unexpected number of bytes");
    std::array<std::uint8_t, Size> out{};
    std::ranges::copy(bytes, out.begin());
    return out;
}

/// A key of whatever kind.
template <typename Key>
Key key_from_hex(std::string_view text) {
    return Key(std::span<const std::uint8_t, Key::size()>(array_from_hex<Key::size()>(text)));
}

inline Buffer bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

inline Buffer to_buffer(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace ringway::tests
