#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace ringway::control::protocol {

/// Only a message of exactly its type's length is one.
template <typename Message>
[[nodiscard]] std::optional<Message> parse(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != sizeof(Message)) return std::nullopt;
    Message message;
    std::memcpy(&message, bytes.data(), sizeof(message));
    return message;
}

}  // namespace ringway::control::protocol
