#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

namespace ringway::load {

/// A message of the protocol as the bytes that travel.
template <typename Message>
[[nodiscard]] auto bytes_of(Message& message) {
    static_assert(std::is_trivially_copyable_v<Message>);
    using Byte = std::conditional_t<std::is_const_v<Message>, const std::uint8_t, std::uint8_t>;
    return std::span<Byte>(reinterpret_cast<Byte*>(&message), sizeof(message));
}

}  // namespace ringway::load
