#pragma once

#include <cstdint>
#include <span>

namespace ringway::control::protocol {

/// A wire struct as the bytes it lies in.
template <typename Message>
[[nodiscard]] std::span<std::uint8_t> bytes_of(Message& message) {
    static_assert(alignof(Message) == 1);
    return {reinterpret_cast<std::uint8_t*>(&message), sizeof(message)};
}

}  // namespace ringway::control::protocol
