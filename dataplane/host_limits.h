#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/clock.h"
#include "dataplane/drop_reason.h"
#include "dataplane/ip_view.h"

namespace ringway::dataplane {

/// What is addressed to the host stack itself, by what it costs the host and what must go on while another
/// class is flooded. Packets that the host only forwards are in none.
enum class HostClass : std::uint8_t { arp, nd, icmp, bgp, other };
inline constexpr std::size_t kHostClasses = 5;

/// Packets a second of each class for one host interface, by HostClass; 0: no limit.
struct HostLimits {
    std::array<std::uint32_t, kHostClasses> per_second{};
};

/// The class of an IP packet. `header` is where `ip` was read. IPv6 extension headers are followed (RFC
/// 8200): the kernel follows them, too, and they would be a way around the limits.
[[nodiscard]] HostClass host_class(const IpView& ip, const std::uint8_t* header);
/// That of an Ethernet frame, through VLAN tags. REQUIRES: a whole Ethernet header.
[[nodiscard]] HostClass host_class_of_frame(std::span<const std::uint8_t> frame);
/// What a packet beyond its class's limit is dropped for.
[[nodiscard]] DropReason limited(HostClass of);

/// A token bucket for each class in front of one host interface: a quarter second's packets at once, then at
/// the limit's rate. Kept as the time at which a bucket will be full again. Any lcore.
class HostBuckets {
  public:
    explicit HostBuckets(const HostLimits& limits);

    /// Takes a token; false if there is none.
    [[nodiscard]] bool allow(HostClass of, Nanoseconds now);

  private:
    static constexpr Nanoseconds kDepth = 250'000'000;
    struct alignas(64) Bucket {
        Nanoseconds cost = 0;  ///< of one packet; 0: no limit
        std::atomic<Nanoseconds> full_at{0};
    };
    std::array<Bucket, kHostClasses> buckets_;
};

}  // namespace ringway::dataplane
