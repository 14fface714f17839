#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "dataplane/ip_address.h"

namespace ringway::control::rest {

/// A client as limits count it: an IPv4 address, or the /64 that an IPv6 address is in.
class ClientAddress {
  public:
    ClientAddress() = default;
    /// An IPv4 address that is mapped into IPv6 counts as that.
    explicit ClientAddress(const dataplane::IpAddress& address);
    auto operator<=>(const ClientAddress&) const = default;

  private:
    dataplane::IpAddress address_;
};

/// How many connections each client has open, and how many requests it may still send: a bucket that
/// holds kBurst requests and is refilled with kRate a second. One thread.
class AddressLimits {
  public:
    static constexpr double kRate = 1000;
    static constexpr double kBurst = 2000;
    static constexpr std::size_t kMaxClients = 4096;

    /// Takes `cost` requests out of the client's bucket. False if there are not as many.
    [[nodiscard]] bool take(const ClientAddress& client, double cost, std::uint64_t now_nanoseconds);
    /// Takes them even if there are not as many: the client waits the longer.
    void charge(const ClientAddress& client, double cost, std::uint64_t now_nanoseconds);

    void connected(const ClientAddress& client, std::uint64_t now_nanoseconds);
    void disconnected(const ClientAddress& client);
    [[nodiscard]] std::size_t connections(const ClientAddress& client) const;
    /// The client with the most connections.
    [[nodiscard]] ClientAddress busiest() const;
    [[nodiscard]] std::size_t clients() const { return clients_.size(); }

  private:
    struct Client {
        double tokens = kBurst;
        std::uint64_t filled = 0;
        std::size_t connections = 0;
    };
    [[nodiscard]] Client& find(const ClientAddress& client, std::uint64_t now);
    void forget_idle(std::uint64_t now);

    std::map<ClientAddress, Client> clients_;
};

}  // namespace ringway::control::rest
