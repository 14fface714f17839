#include "crypto/cookie.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "crypto/blake2s.h"
#include "crypto/xaead.h"

namespace ringway::crypto {

namespace {

using LabelKey = std::array<std::uint8_t, kKeyBytes>;
using Mac = std::array<std::uint8_t, kMacBytes>;

// The WireGuard paper, section 5.4.
constexpr std::string_view kLabelMac1 = "mac1----";
constexpr std::string_view kLabelCookie = "cookie--";

/// HASH(label || public_key)
LabelKey label_key(std::string_view label, const PublicKey& public_key) {
    LabelKey key;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(label.data());
    Blake2s().update({bytes, label.size()}).update(public_key.bytes).finish(key);
    return key;
}

/// MAC(key, input)
Mac mac(std::span<const std::uint8_t> key, std::span<const std::uint8_t> input) {
    Mac result;
    blake2s(result, input, key);
    return result;
}

bool equal(std::span<const std::uint8_t> a, const Mac& b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), b.size()) == 0;
}

/// A handshake message's MACs, which end it, and the bytes before each that it covers.
/// REQUIRES: at least sizeof(Macs) bytes.
template <typename Byte>
struct Parts {
    explicit Parts(std::span<Byte> message)
        : before_mac1(message.first(message.size() - sizeof(Macs))),
          mac1(message.subspan(before_mac1.size(), kMacBytes)),
          before_mac2(message.first(message.size() - kMacBytes)),
          mac2(message.last(kMacBytes)) {}

    std::span<Byte> before_mac1, mac1, before_mac2, mac2;
};

bool is_older(std::uint64_t born_ns, std::uint64_t now_ns, std::chrono::nanoseconds age) {
    return now_ns - born_ns >= static_cast<std::uint64_t>(age.count());
}

}  // namespace

CookieChecker::CookieChecker(const PublicKey& our_public_key)
    : mac1_key_(label_key(kLabelMac1, our_public_key)),
      cookie_key_(label_key(kLabelCookie, our_public_key)) {}

CookieChecker::Verdict CookieChecker::check(std::span<const std::uint8_t> message, CookieSource source,
                                            bool under_load, std::uint64_t now_ns, Random& random) {
    if (message.size() < sizeof(Macs)) return Verdict::invalid_mac;
    const Parts parts(message);
    if (!equal(parts.mac1, mac(mac1_key_, parts.before_mac1))) return Verdict::invalid_mac;
    if (!under_load) return Verdict::valid_no_cookie;
    const Cookie cookie = make_cookie(source, now_ns, random);
    const bool owns_source = equal(parts.mac2, mac(cookie.span(), parts.before_mac2));
    return owns_source ? Verdict::valid_cookie : Verdict::valid_no_cookie;
}

void CookieChecker::make_reply(MessageCookieReply& out, std::span<const std::uint8_t> message,
                               ReceiverIndex to, CookieSource source, std::uint64_t now_ns, Random& random) {
    const Cookie cookie = make_cookie(source, now_ns, random);
    out.type = Le32(static_cast<std::uint32_t>(MessageType::cookie_reply));
    out.receiver = to;
    random.fill(out.nonce);
    xaead_seal(out.encrypted_cookie, cookie_key_, out.nonce, cookie.span(), Parts(message).mac1);
}

Cookie CookieChecker::make_cookie(CookieSource source, std::uint64_t now_ns, Random& random) {
    if (!has_secret_ || is_older(secret_born_ns_, now_ns, kCookieSecretMaxAge)) {
        random.fill(secret_.span());
        secret_born_ns_ = now_ns;
        has_secret_ = true;
    }
    Cookie cookie;
    blake2s(cookie.span(), source, secret_.span());
    return cookie;
}

CookieHolder::CookieHolder(const PublicKey& their_public_key)
    : mac1_key_(label_key(kLabelMac1, their_public_key)),
      cookie_key_(label_key(kLabelCookie, their_public_key)) {}

void CookieHolder::add_macs(std::span<std::uint8_t> message, std::uint64_t now_ns) {
    const Parts parts(message);
    last_mac1_ = mac(mac1_key_, parts.before_mac1);
    sent_mac1_ = true;
    std::ranges::copy(last_mac1_, parts.mac1.begin());

    if (has_cookie_ && is_older(cookie_born_ns_, now_ns, kCookieSecretMaxAge - kCookieSecretLatency)) {
        cookie_.wipe();
        has_cookie_ = false;
    }
    const Mac mac2 = has_cookie_ ? mac(cookie_.span(), parts.before_mac2) : Mac{};
    std::ranges::copy(mac2, parts.mac2.begin());
}

bool CookieHolder::consume_reply(const MessageCookieReply& reply, std::uint64_t now_ns) {
    Cookie cookie;
    if (!sent_mac1_ ||
        !xaead_open(cookie.span(), cookie_key_, reply.nonce, reply.encrypted_cookie, last_mac1_)) {
        return false;
    }
    cookie_ = std::move(cookie);
    cookie_born_ns_ = now_ns;
    has_cookie_ = true;
    sent_mac1_ = false;
    return true;
}

}  // namespace ringway::crypto
