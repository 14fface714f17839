#include "control/protocol/rate_limiter.h"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace ringway::control::protocol {
namespace {

/// The whole of an IPv4 address, the /64 of an IPv6 one: what one host can be expected to own.
std::uint64_t limited_prefix(const dataplane::IpAddress& address) {
    std::uint64_t prefix = 0;
    std::memcpy(&prefix, address.bytes.data(), std::min(address.size(), sizeof(prefix)));
    return prefix;
}

}  // namespace

RateLimiter::RateLimiter(std::size_t sources, crypto::Random& random)
    : sets_(std::bit_ceil(std::max(sources, kWays)) / kWays) {
    static_assert(crypto_shorthash_KEYBYTES == std::tuple_size_v<decltype(hash_key_)>);
    random.fill(hash_key_);
}

bool RateLimiter::allow(const dataplane::IpAddress& source, Nanoseconds now) {
    Bucket* bucket = find(source.family, limited_prefix(source), now);
    // A set full of buckets that are all in use: they belong to senders that proved their addresses
    // within the last quarter second, so this is a real flood. The newcomer is refused, because
    // taking a bucket from one of them would hand that one a full bucket again.
    if (bucket == nullptr) return false;

    const Nanoseconds full_at = std::max(bucket->full_at, now);
    if (full_at - now > (kBurst - 1) * kTokenCost) return false;
    bucket->full_at = full_at + kTokenCost;
    return true;
}

RateLimiter::Bucket* RateLimiter::find(dataplane::Family family, std::uint64_t prefix, Nanoseconds now) {
    std::array<std::uint8_t, crypto_shorthash_BYTES> hash{};
    std::array<std::uint8_t, sizeof(prefix) + 1> input{};
    std::memcpy(input.data(), &prefix, sizeof(prefix));
    input.back() = static_cast<std::uint8_t>(family);
    crypto_shorthash(hash.data(), input.data(), input.size(), hash_key_.data());

    Set& set = sets_[std::bit_cast<std::uint64_t>(hash) & (sets_.size() - 1)];
    Bucket* unused = nullptr;
    for (Bucket& bucket : set) {
        if (bucket.full_at <= now) {
            unused = &bucket;
        } else if (bucket.prefix == prefix && bucket.family == family) {
            return &bucket;
        }
    }
    if (unused != nullptr) *unused = {.prefix = prefix, .full_at = now, .family = family};
    return unused;
}

}  // namespace ringway::control::protocol
