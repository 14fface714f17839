#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/host/netlink_socket.h"
#include "control/host/netns.h"
#include "control/host/types.h"

namespace ringway::control::host {

/// The number that marks our routes in `ip route` ("proto 87"). Neither linux/rtnetlink.h nor
/// iproute2's rt_protos nor FRR (186-199) gives it to anyone.
inline constexpr std::uint8_t kRouteProtocol = 87;

/// A route to be put into the kernel's table.
struct RouteSpec {
    IpPrefix to;
    std::optional<IpAddress> via;  ///< may be of the other family than `to`
    InterfaceIndex interface = 0;  ///< zero: where the gateway is found
    std::uint32_t metric = 0;      ///< zero: the kernel's choice (IPv4: 0, IPv6: 1024)
    std::uint32_t table = RT_TABLE_MAIN;
    std::optional<IpAddress> preferred_source;
    [[nodiscard]] std::string to_string() const;
};

/// Changes of one namespace's links, addresses, routes and neighbours. Each call is over when it
/// returns and says in its error what was attempted. One thread at a time.
class HostControl {
  public:
    [[nodiscard]] static Result<HostControl> open(const NetnsHandle& netns);

    /// An error with code ENODEV if there is no such interface.
    [[nodiscard]] Result<InterfaceIndex> find_interface(const std::string& name);
    [[nodiscard]] Result<void> set_up(InterfaceIndex interface, bool up);
    [[nodiscard]] Result<void> set_mac(InterfaceIndex interface, const MacAddress& mac);
    [[nodiscard]] Result<void> set_mtu(InterfaceIndex interface, std::uint32_t mtu);
    /// The interface makes no IPv6 addresses of its own, not even a link-local one.
    [[nodiscard]] Result<void> stop_address_generation(InterfaceIndex interface);

    /// An address that is already there is no error. `detect_duplicates` is for IPv6: without it
    /// the address is usable at once.
    [[nodiscard]] Result<void> add_address(InterfaceIndex interface, const InterfaceAddress& address,
                                           bool detect_duplicates = true);
    [[nodiscard]] Result<void> remove_address(InterfaceIndex interface, const InterfaceAddress& address);

    /// EEXIST if a route to the prefix with that metric is there already.
    [[nodiscard]] Result<void> add_route(const RouteSpec& route);
    /// Adds or takes the place of whatever route to the prefix with that metric there is.
    [[nodiscard]] Result<void> replace_route(const RouteSpec& route);
    /// Removes a route of ours; ESRCH if there is none.
    [[nodiscard]] Result<void> remove_route(const RouteSpec& route);

    /// Tells the kernel that the neighbour is about to be used (NTF_USE): an unknown or failed one is
    /// resolved, a stale one is checked, a reachable one is left alone. What comes of it shows in
    /// the mirror. Also keeps neighbours alive that only the dataplane uses.
    [[nodiscard]] Result<void> use_neighbour(InterfaceIndex interface, const IpAddress& address);

    /// For what this class has no call for.
    [[nodiscard]] NetlinkSocket& socket() { return socket_; }

  private:
    explicit HostControl(NetlinkSocket socket) : socket_(std::move(socket)) {}
    [[nodiscard]] Result<void> change_route(std::uint16_t type, std::uint16_t flags, const RouteSpec& route,
                                            std::string_view verb);
    [[nodiscard]] Result<void> change_address(std::uint16_t type, std::uint16_t flags,
                                              InterfaceIndex interface, const InterfaceAddress& address,
                                              std::uint32_t address_flags, std::string_view verb);

    NetlinkSocket socket_;
};

}  // namespace ringway::control::host
