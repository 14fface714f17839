#pragma once

// The headers around a sealed message. They are the same from packet to packet but for lengths,
// identification, congestion bits and checksums, so they are written once per path and patched.

#include <array>
#include <cstring>

#include "dataplane/headers.h"
#include "dataplane/ip_address.h"

namespace ringway::dataplane {

/// What the outer headers of one sealed message say.
struct OuterHeaders {
    MacAddress destination_mac;
    MacAddress source_mac;
    IpAddress source;
    IpAddress destination;
    std::uint16_t source_port;
    std::uint16_t destination_port;
    bool dont_fragment = false;
};

/// Bytes of Ethernet, IP and UDP headers.
[[nodiscard]] constexpr std::uint16_t outer_bytes(Family family) {
    return static_cast<std::uint16_t>(sizeof(EthernetHeader) + sizeof(UdpHeader) +
                                      (family == Family::v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)));
}

/// Ethernet, IP and UDP headers of one path. Over IPv4 the UDP checksum is left out (zero).
class OuterTemplate {
  public:
    OuterTemplate() = default;
    explicit OuterTemplate(const OuterHeaders& headers);

    [[nodiscard]] Family family() const { return family_; }
    [[nodiscard]] std::uint16_t size() const { return outer_bytes(family_); }

    /// Writes size() bytes to `out`, for a UDP payload of `payload_bytes`. `payload_sum` is used over IPv6
    /// only, where the UDP checksum is not optional; `ip_id` tells IPv4 fragments apart.
    void write(std::uint8_t* out, std::uint16_t payload_bytes, std::uint8_t ds, std::uint32_t payload_sum,
               std::uint16_t ip_id) const {
        const auto udp_bytes = static_cast<std::uint16_t>(sizeof(UdpHeader) + payload_bytes);
        if (family_ == Family::v4) {
            std::memcpy(out, bytes_.data(), kBytesV4);
            patch_v4(out, udp_bytes, ds, ip_id);
        } else {
            std::memcpy(out, bytes_.data(), kBytesV6);
            patch_v6(out, udp_bytes, ds, payload_sum);
        }
    }

  private:
    static constexpr std::uint16_t kBytesV4 = outer_bytes(Family::v4);
    static constexpr std::uint16_t kBytesV6 = outer_bytes(Family::v6);

    static void put(std::uint8_t* at, std::uint16_t value) {
        const Be16 word(value);
        std::memcpy(at, &word, sizeof(word));
    }
    static std::uint16_t complement(std::uint64_t sum) { return static_cast<std::uint16_t>(~fold(sum)); }

    void patch_v4(std::uint8_t* out, std::uint16_t udp_bytes, std::uint8_t ds, std::uint16_t ip_id) const {
        std::uint8_t* ip = out + sizeof(EthernetHeader);
        const auto total = static_cast<std::uint16_t>(sizeof(Ipv4Header) + udp_bytes);
        ip[offsetof(Ipv4Header, ds)] = ds;
        put(ip + offsetof(Ipv4Header, total_length), total);
        put(ip + offsetof(Ipv4Header, id), ip_id);
        put(ip + offsetof(Ipv4Header, checksum), complement(std::uint64_t{sum_} + ds + total + ip_id));
        put(ip + sizeof(Ipv4Header) + offsetof(UdpHeader, length), udp_bytes);
    }

    /// UDP checksum: RFC 8200, section 8.1, never zero. The length is in the pseudo-header and the header.
    void patch_v6(std::uint8_t* out, std::uint16_t udp_bytes, std::uint8_t ds,
                  std::uint32_t payload_sum) const {
        std::uint8_t* ip = out + sizeof(EthernetHeader);
        ip[0] = static_cast<std::uint8_t>(0x60U | (ds >> 4));
        ip[1] = static_cast<std::uint8_t>(ds << 4);
        put(ip + offsetof(Ipv6Header, payload_length), udp_bytes);
        std::uint8_t* udp = ip + sizeof(Ipv6Header);
        put(udp + offsetof(UdpHeader, length), udp_bytes);
        const std::uint16_t checksum = complement(std::uint64_t{sum_} + payload_sum + 2U * udp_bytes);
        put(udp + offsetof(UdpHeader, checksum), checksum == 0 ? std::uint16_t{0xffff} : checksum);
    }

    std::array<std::uint8_t, kBytesV6> bytes_{};
    Family family_ = Family::v4;
    /// Of everything that the checksum covers and that does not change: the IPv4 header, or the IPv6
    /// pseudo-header and the UDP ports.
    std::uint32_t sum_ = 0;
};

}  // namespace ringway::dataplane
