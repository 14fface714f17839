#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "crypto/noise.h"
#include "tests/crypto/two_sides.h"

namespace ringway::tests {

/// One exchange between Alice and Bob, the same every time, into which forgeries are fed.
struct FuzzScene {
    /// Who a forgery is for: the first byte of the input, modulo kTargets.
    enum class Target : std::uint8_t { initiation, response, cookie_reply, checker };
    static constexpr std::uint8_t kTargets = 4;

    FuzzScene();
    /// Ends the program when something forged is believed, or a refusal left a trace.
    void feed(std::span<const std::uint8_t> input);

    TwoSides sides;  ///< Alice waits for the response that Bob has sent
    crypto::MessageCookieReply cookie_reply;
};

}  // namespace ringway::tests
