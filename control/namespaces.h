#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/host/host_control.h"
#include "control/host/netlink_mirror.h"
#include "control/host/netns.h"
#include "control/route_mirror.h"

namespace ringway::control {

/// One network namespace that the configuration names, under whatever names: its mirror and the hand
/// with which we change it.
struct Namespace {
    host::NetnsHandle handle;
    dataplane::DomainIndex domain;
    host::HostControl control;
    std::unique_ptr<RouteMirror> routes;
    std::unique_ptr<host::NetlinkMirror> mirror;  ///< from start_mirrors() on
};

/// All namespaces of the gateway, one routing domain for each. Control thread.
class Namespaces {
  public:
    Namespaces(dataplane::Dataplane& plane, NeighbourListener& waiting) : plane_(plane), waiting_(waiting) {}

    /// The namespace of that name as ip-netns(8) uses it, opened when first asked for. Throws
    /// std::runtime_error.
    Namespace& get(const std::string& name);
    [[nodiscard]] Namespace& of(dataplane::DomainIndex domain) { return *all_[domain]; }
    [[nodiscard]] const std::vector<std::unique_ptr<Namespace>>& all() const { return all_; }

    /// Once the interfaces of ours are named: reads every namespace's state and begins to follow it.
    /// Throws std::runtime_error.
    void start_mirrors();

  private:
    dataplane::Dataplane& plane_;
    NeighbourListener& waiting_;
    std::vector<std::unique_ptr<Namespace>> all_;
};

/// The value, or std::runtime_error with the error's message: for the start, where errors end it.
template <typename T>
T value_or_throw(host::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace ringway::control
