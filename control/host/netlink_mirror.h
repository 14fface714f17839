#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "control/host/mirrored_table.h"
#include "control/host/netlink_socket.h"
#include "control/host/netns.h"
#include "control/host/route_group.h"
#include "control/host/types.h"

namespace ringway::control::host {

/// Where a prefix's routes are found.
struct RouteKey {
    std::uint32_t table = RT_TABLE_MAIN;
    IpPrefix prefix;
    auto operator<=>(const RouteKey&) const = default;
};
struct AddressKey {
    InterfaceIndex interface = 0;
    InterfaceAddress address;
    auto operator<=>(const AddressKey&) const = default;
};
struct NeighbourKey {
    InterfaceIndex interface = 0;
    IpAddress address;
    auto operator<=>(const NeighbourKey&) const = default;
};

/// Hears what changed in a namespace. Calls come from within NetlinkMirror::process and must not call
/// the mirror's process again. Each tells of a difference; nothing is told twice but a neighbour's failure.
class MirrorListener {
  public:
    virtual ~MirrorListener() = default;
    /// A link is new or something about it changed.
    virtual void link(const Link& link) = 0;
    virtual void link_gone(const Link& link) = 0;
    virtual void address(const Address& address) = 0;
    virtual void address_gone(const Address& address) = 0;
    /// Of all routes to a prefix in a table this is the one that the kernel uses: the lowest metric, the
    /// first of its kind. It takes the place of the one told before.
    virtual void route(const Route& route) = 0;
    /// No route to the prefix is left in the table that can be used. Tells the last one.
    virtual void route_gone(const Route& route) = 0;
    virtual void neighbour(const Neighbour& neighbour) = 0;
    virtual void neighbour_gone(const Neighbour& neighbour) = 0;
};

struct MirrorOptions {
    /// Routes of other tables are not looked at.
    std::vector<std::uint32_t> tables{RT_TABLE_MAIN, RT_TABLE_LOCAL};
    int receive_buffer_bytes = 8 << 20;
};

/// A copy of a namespace's links, addresses, routes and neighbours that follows the kernel's.
///
/// One socket brings both the lists and the notifications, so that both are in the order of events. A list
/// is loaded beside the copy that is held, and only the differences are told when it is complete: at
/// the start, after lost notifications (ENOBUFS), and for routes also after a link went up or
/// down or an address went, because the kernel then changes IPv4 routes in silence. A list that changed
/// under way (NLM_F_DUMP_INTR) is loaded again. One thread.
class NetlinkMirror {
  public:
    /// Asks for the first list; the listener hears nothing before process(). It must outlive the mirror.
    [[nodiscard]] static Result<std::unique_ptr<NetlinkMirror>> open(const NetnsHandle& netns,
                                                                     MirrorListener& listener,
                                                                     MirrorOptions options = {});

    /// For epoll: readable when process() has something to do.
    [[nodiscard]] int fd() const { return socket_.fd(); }
    /// Takes in what waits, a bounded amount. An error means that the mirror can't go on before reopen().
    [[nodiscard]] Result<void> process();
    /// Begins anew with another socket, and so another fd(), and tells the differences to what it holds.
    /// After an error all is as before.
    [[nodiscard]] Result<void> reopen(const NetnsHandle& netns);
    /// No list is being loaded or due.
    [[nodiscard]] bool is_synced() const { return !loading_ && stale_.none(); }
    /// For the start: processes until synced. ETIMEDOUT if that takes longer.
    [[nodiscard]] Result<void> wait_until_synced(std::chrono::milliseconds limit);

    [[nodiscard]] const std::map<InterfaceIndex, Link>& links() const { return links_.held(); }
    [[nodiscard]] const std::map<AddressKey, Address>& addresses() const { return addresses_.held(); }
    /// All routes of the tables, not only those told to the listener.
    [[nodiscard]] const std::map<RouteKey, RouteGroup>& routes() const { return routes_.held(); }
    [[nodiscard]] const std::map<NeighbourKey, Neighbour>& neighbours() const { return neighbours_.held(); }
    /// How often notifications were lost.
    [[nodiscard]] std::uint64_t overruns() const { return overruns_; }

  private:
    /// In the order in which lists are loaded.
    enum class Kind : std::uint8_t { links, addresses, routes, neighbours };

    NetlinkMirror(NetlinkSocket socket, MirrorListener& listener, MirrorOptions options);

    /// Where a message comes from decides what it changes.
    enum class Source : std::uint8_t { list, notification };

    [[nodiscard]] Result<void> load_next();
    [[nodiscard]] Result<void> take_datagram(std::size_t bytes);
    [[nodiscard]] Result<void> take_listed(const nlmsghdr* message);
    void begin_load(Kind kind);
    void finish_load();
    void apply(const nlmsghdr* message, Source source);
    void apply_link(const Link& link, bool gone, Source source);
    void apply_address(const Address& address, bool gone, Source source);
    void apply_route(const Route& route, const nlmsghdr* message, Source source);
    void apply_neighbour(const Neighbour& neighbour, bool gone, Source source);
    void report_link(const Link* before, const Link* after);
    void report_address(const Address* before, const Address* after);
    void report_route(const RouteGroup* before, const RouteGroup* after);
    void report_neighbour(const Neighbour* before, const Neighbour* after);
    void note_overrun();
    void mark_stale(Kind kind) { stale_.set(static_cast<std::size_t>(kind)); }

    NetlinkSocket socket_;
    MirrorListener& listener_;
    MirrorOptions options_;
    std::vector<std::uint8_t> buffer_;

    MirroredTable<InterfaceIndex, Link> links_;
    MirroredTable<AddressKey, Address> addresses_;
    MirroredTable<RouteKey, RouteGroup> routes_;
    MirroredTable<NeighbourKey, Neighbour> neighbours_;

    std::bitset<4> stale_;  ///< by Kind: the list is due
    std::optional<Kind> loading_;
    std::uint32_t load_sequence_ = 0;
    bool load_spoiled_ = false;  ///< the list under way changed or was cut: it is due again
    std::uint64_t overruns_ = 0;
};

}  // namespace ringway::control::host
