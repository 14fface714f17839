#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <vector>

namespace ringway::tests {

/// The bytes of a wire struct, as they are sent.
template <typename Message>
[[nodiscard]] std::span<std::uint8_t> bytes_of(Message& message) {
    return {reinterpret_cast<std::uint8_t*>(&message), sizeof(message)};
}
template <typename Message>
[[nodiscard]] std::span<const std::uint8_t> bytes_of(const Message& message) {
    return {reinterpret_cast<const std::uint8_t*>(&message), sizeof(message)};
}

/// A copy of them, to compare with later.
template <typename Message>
[[nodiscard]] std::vector<std::uint8_t> snapshot(const Message& message) {
    const auto bytes = bytes_of(message);
    return {bytes.begin(), bytes.end()};
}

/// The wire struct that `bytes` are.
template <typename Message>
[[nodiscard]] Message message_from(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != sizeof(Message)) throw std::invalid_argument("not a whole message");
    Message message;
    std::memcpy(&message, bytes.data(), sizeof(message));
    return message;
}

}  // namespace ringway::tests
