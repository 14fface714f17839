#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "control/host/types.h"

namespace ringway::control::host {

/// All routes to one prefix in one table, in the kernel's order of preference. Adding and removing follow
/// what the kernel does before it sends the notification (fib_table_insert of IPv4,
/// fib6_add_rt2node of IPv6).
class RouteGroup {
  public:
    enum class Place : std::uint8_t {
        replace,  ///< takes the place of the first with the same metric
        append,   ///< behind those with the same metric
        prepend,  ///< before them, on IPv4; IPv6 knows only append
    };

    void add(const Route& route, Place place);
    /// False if there is no such route although there are some of its metric: the copy is not the kernel's.
    [[nodiscard]] bool remove(const Route& route);

    [[nodiscard]] bool empty() const { return routes_.empty(); }
    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
    /// The one that packets follow, if any can be used; opaque if another choice than that by the
    /// destination comes in.
    [[nodiscard]] std::optional<Route> selected() const;

    bool operator==(const RouteGroup&) const = default;

  private:
    using Iterator = std::vector<Route>::iterator;
    struct Range {
        Iterator begin;
        Iterator end;
    };
    /// The routes with the same selector and metric.
    [[nodiscard]] Range equals_of(const Route& route);
    void add_v4(const Route& route, Place place);
    void add_v6(const Route& route, Place place);
    void substitute(Iterator place, const Route& route);

    std::vector<Route> routes_;
};

}  // namespace ringway::control::host
