#include "tools/load/numbering.h"

#include <cstring>

#include "config/address.h"
#include "crypto/endian.h"

namespace ringway::load {
namespace {

std::size_t low_at(const IpAddress& address) {
    return address.size() - sizeof(std::uint32_t);
}

std::uint32_t low_of(const IpAddress& address) {
    crypto::Be32 low;
    std::memcpy(&low, address.bytes.data() + low_at(address), sizeof(low));
    return low.host();
}

IpAddress from(const config::Address& address) {
    return {.family = address.family == config::Family::v4 ? Family::v4 : Family::v6, .bytes = address.bytes};
}

}  // namespace

IpAddress plus(IpAddress address, std::uint32_t n) {
    const crypto::Be32 low(low_of(address) + n);
    std::memcpy(address.bytes.data() + low_at(address), &low, sizeof(low));
    return address;
}

std::optional<std::uint32_t> distance(const IpAddress& first, const IpAddress& address) {
    const std::uint32_t n = low_of(address) - low_of(first);
    if (first.family != address.family || plus(first, n) != address) return std::nullopt;
    return n;
}

std::optional<IpAddress> parse_address(std::string_view text) {
    const auto parsed = config::parse_address(text);
    if (!parsed) return std::nullopt;
    return from(*parsed);
}

std::optional<IpPrefix> parse_prefix(std::string_view text) {
    const auto parsed = config::parse_prefix(text);
    if (!parsed) return std::nullopt;
    return IpPrefix{from(parsed->address), parsed->length};
}

bool contains(const IpPrefix& prefix, const IpAddress& address) {
    if (prefix.address.family != address.family) return false;
    for (unsigned bit = 0; bit < prefix.length; ++bit) {
        const unsigned mask = 0x80U >> bit % 8;
        if (((prefix.address.bytes[bit / 8] ^ address.bytes[bit / 8]) & mask) != 0) return false;
    }
    return true;
}

std::optional<PeerNumber> PeerNumbering::peer_at(const IpAddress& address, std::uint16_t udp_port) const {
    const auto n = distance(first_outer, address);
    if (!n || udp_port < first_port || udp_port - first_port >= static_cast<int>(per_address))
        return std::nullopt;
    const std::uint64_t peer = std::uint64_t{*n} * per_address + (udp_port - first_port);
    if (peer >= count) return std::nullopt;
    return static_cast<PeerNumber>(peer);
}

}  // namespace ringway::load
