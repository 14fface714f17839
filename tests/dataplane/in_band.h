#pragma once

// Messages as tests make and read them.

#include <string>
#include <vector>

#include "dataplane/in_band_header.h"
#include "tests/support/test_gateway.h"

namespace ringway::tests {

[[nodiscard]] inline Bytes bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

/// A plaintext with a message in it, padded as on the wire.
[[nodiscard]] inline Bytes message_with(const Bytes& payload, std::uint64_t id = 1) {
    Bytes plaintext(sizeof(dataplane::InBandHeader) + payload.size());
    dataplane::write_in_band(plaintext.data(), {id, payload});
    plaintext.resize((plaintext.size() + 15) / 16 * 16);
    return plaintext;
}

/// All that `at` holds of `from`, as texts.
[[nodiscard]] inline std::vector<std::string> texts(TestGateway& at, const TestGateway& from) {
    std::vector<std::string> all;
    for (const control::ReceivedMessage& message : at.core().inbox().read(at.peer(from), {}).messages)
        all.emplace_back(message.payload.begin(), message.payload.end());
    return all;
}

}  // namespace ringway::tests
