#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "control/protocol/peer.h"
#include "crypto/cookie.h"
#include "crypto/messages.h"
#include "crypto/noise.h"

namespace ringway::control::protocol {

/// What of a tunnel belongs in locked memory.
struct TunnelSecrets {
    crypto::LocalIdentity identity;
    std::optional<crypto::CookieChecker> checker;  ///< none while there is no private key
};

/// One handshake message from the wire, on its way through the engine's checks.
struct Work {
    bool is_decided = false;  ///< it has its verdict
    crypto::MessageType type{};
    TunnelSecrets* tunnel = nullptr;
    Peer* peer = nullptr;  ///< who made the initiation, once that is known
    crypto::OpenedInitiation opened;
    crypto::DiffieHellmans done;

    /// As new, secrets zeroed.
    void reset() noexcept {
        is_decided = false;
        tunnel = nullptr;
        peer = nullptr;
        opened.wipe();
        done.wipe();
    }
};

/// How many messages' Diffie-Hellmans are done together.
inline constexpr std::size_t kWorkBatch = 32;

struct WorkBatch {
    std::array<Work, kWorkBatch> works;
};

}  // namespace ringway::control::protocol
