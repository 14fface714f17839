#pragma once

#include <cstdint>
#include <cstring>

#include "dataplane/flow_cache.h"
#include "dataplane/routing_domain.h"

namespace ringway::dataplane {

/// An address of ours that a packet came for, good for one epoch as a Flow is. One thread.
class OwnAddress {
  public:
    OwnAddress() = default;
    OwnAddress(const IpView& ip, DomainIndex domain, std::uint64_t epoch)
        : address_(IpAddress::from_wire(ip.family, ip.destination)), domain_(domain), epoch_(epoch) {}

    [[nodiscard]] bool is(const IpView& ip, DomainIndex domain, std::uint64_t epoch) const {
        if (epoch_ != epoch || domain_ != domain || address_.family != ip.family) return false;
        return ip.family == Family::v4 ? std::memcmp(address_.bytes.data(), ip.destination, 4) == 0
                                       : std::memcmp(address_.bytes.data(), ip.destination, 16) == 0;
    }

  private:
    IpAddress address_;
    DomainIndex domain_ = 0;
    std::uint64_t epoch_ = Flow::kNever;
};

}  // namespace ringway::dataplane
