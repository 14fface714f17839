#pragma once

// Cookies and message authentication codes of handshake messages: the WireGuard paper, sections
// 5.4.4 and 5.4.7. Time is monotonic nanoseconds, handed in by the caller.

#include <array>
#include <cstdint>
#include <span>

#include "crypto/keys.h"
#include "crypto/messages.h"
#include "crypto/random.h"

namespace ringway::crypto {

/// Proof of owning a source address: whoever holds it can be made to work, so it travels sealed.
using Cookie = Secret<struct CookieTag, kCookieBytes>;

/// What binds a cookie to a source: the bytes of its IP address and UDP port as they lay on the
/// wire (4 + 2 or 16 + 2 bytes).
using CookieSource = std::span<const std::uint8_t>;

/// The responder's side: judges MACs of messages sent to us, and makes cookies. One per tunnel.
/// Not thread-safe.
class CookieChecker {
  public:
    enum class Verdict : std::uint8_t {
        invalid_mac,      ///< mac1 is wrong: not meant for us
        valid_no_cookie,  ///< mac1 is right, mac2 missing, wrong or too old
        valid_cookie,     ///< both right: the sender owns its source address
    };

    explicit CookieChecker(const PublicKey& our_public_key);

    /// `message` is a whole MessageInitiation or MessageResponse; one too short for its MACs is
    /// invalid. mac2 is looked at only when
    /// `under_load`; otherwise a message with a right mac1 is valid_no_cookie. Renews the secret
    /// when it is older than kCookieSecretMaxAge. Constant time in the MACs.
    [[nodiscard]] Verdict check(std::span<const std::uint8_t> message, CookieSource source, bool under_load,
                                std::uint64_t now_ns, Random& random);

    /// Answers `message` (whose mac1 check() found right) with a cookie for `source`, sealed so that
    /// only who saw that message can use it. `to` is the message's sender index.
    void make_reply(MessageCookieReply& out, std::span<const std::uint8_t> message, ReceiverIndex to,
                    CookieSource source, std::uint64_t now_ns, Random& random);

  private:
    /// The cookie of `source`; of a new secret when the old one is too old.
    [[nodiscard]] Cookie make_cookie(CookieSource source, std::uint64_t now_ns, Random& random);

    std::array<std::uint8_t, kKeyBytes> mac1_key_{};
    std::array<std::uint8_t, kKeyBytes> cookie_key_{};
    KeyMaterial secret_;
    std::uint64_t secret_born_ns_ = 0;
    bool has_secret_ = false;
};

/// The initiator's side: puts MACs on messages to one peer, with its cookie while we hold a fresh
/// one. Not thread-safe.
class CookieHolder {
  public:
    explicit CookieHolder(const PublicKey& their_public_key);

    /// Fills mac1 and mac2 of `message`, a whole MessageInitiation or MessageResponse; mac2 is zero
    /// unless we hold a cookie younger than kCookieSecretMaxAge - kCookieSecretLatency.
    void add_macs(std::span<std::uint8_t> message, std::uint64_t now_ns);

    /// Takes the cookie of a reply to our last message. False if it does not open: not for that
    /// message, forged, or we sent none. One reply is taken per message; a false one changes nothing.
    [[nodiscard]] bool consume_reply(const MessageCookieReply& reply, std::uint64_t now_ns);

  private:
    std::array<std::uint8_t, kKeyBytes> mac1_key_{};
    std::array<std::uint8_t, kKeyBytes> cookie_key_{};
    std::array<std::uint8_t, kMacBytes> last_mac1_{};
    Cookie cookie_{};
    std::uint64_t cookie_born_ns_ = 0;
    bool sent_mac1_ = false;
    bool has_cookie_ = false;
};

}  // namespace ringway::crypto
