#include "control/interface_mender.h"

#include "control/convert.h"

namespace ringway::control {

bool InterfaceMender::mend(host::TunDevice& device, Namespace& n) {
    const host::InterfaceIndex gone = device.index();
    if (!n.routes->is_gone(gone)) return false;
    if (const auto made = device.remake(n.handle); !made) {
        logger_.error("a host interface is gone and can't be made anew yet",
                      {{"interface", device.name()}, {"why", made.error().message()}}, &limit_);
        return false;
    }
    n.routes->replace(gone, device.index());
    logger_.error("a host interface was deleted or moved away: it was made anew",
                  {{"interface", device.name()}, {"namespace", n.handle.describe()}});
    return true;
}

void InterfaceMender::look() {
    bool mended = false;
    for (std::size_t port = 0; port < taps_.size(); ++port)
        mended = mend(taps_[port], namespaces_.of(plane_.ports[port]->domain())) || mended;
    for (const auto& tunnel : tunnels_.all()) {
        if (!mend(tunnel->device, namespaces_.of(tunnel->inner_domain))) continue;
        tunnels_.put_routes(*tunnel);
        mended = true;
    }
    if (mended) put_routes();
}

void InterfaceMender::put_routes() {
    for (const config::Route& route : fixed_.routes()) {
        const auto put = namespaces_.get("").control.replace_route(
            {.to = to_prefix(route.to), .via = to_address(route.via), .preferred_source = {}});
        if (!put)
            logger_.error("a route of the configuration is missing", {{"error", put.error().message()}});
    }
}

}  // namespace ringway::control
