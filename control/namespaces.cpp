#include "control/namespaces.h"

#include <algorithm>
#include <stdexcept>

namespace ringway::control {

Namespace& Namespaces::get(const std::string& name) {
    host::NetnsHandle handle = value_or_throw(host::NetnsHandle::open(name));
    const auto known =
        std::find_if(all_.begin(), all_.end(), [&](const auto& n) { return n->handle.same_as(handle); });
    if (known != all_.end()) return **known;
    if (all_.size() == plane_.domains.size()) throw std::runtime_error("too many network namespaces");

    const auto domain = static_cast<dataplane::DomainIndex>(all_.size());
    host::HostControl control = value_or_throw(host::HostControl::open(handle));
    auto routes = std::make_unique<RouteMirror>(plane_, domain, waiting_);
    all_.push_back(std::make_unique<Namespace>(
        Namespace{std::move(handle), domain, std::move(control), std::move(routes), nullptr}));
    return *all_.back();
}

void Namespaces::start_mirrors() {
    constexpr std::chrono::seconds kLimit{10};
    for (const auto& n : all_) {
        n->mirror = value_or_throw(host::NetlinkMirror::open(n->handle, *n->routes));
        value_or_throw(n->mirror->wait_until_synced(kLimit));
    }
}

}  // namespace ringway::control
