#include "control/host/port_guard.h"

#include <linux/if_link.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>

#include "control/host/host_control.h"
#include "control/host/ingress_drop.h"
#include "control/host/interface_snapshot.h"
#include "control/host/netlink_attributes.h"
#include "control/host/offloads.h"
#include "control/host/sysctl.h"

namespace ringway::control::host {

namespace {

struct LinkState {
    bool up = false;
    bool has_master = false;
};

Result<LinkState> link_state(NetlinkSocket& socket, InterfaceIndex interface) {
    NetlinkRequest request(RTM_GETLINK, NLM_F_ACK);
    request.header<ifinfomsg>().ifi_index = static_cast<int>(interface);
    LinkState state;
    const auto read = [&](const nlmsghdr* message) {
        const auto* header = fixed_header<ifinfomsg>(message);
        if (header == nullptr) return;
        const NetlinkAttributes<IFLA_MAX> attributes(message, sizeof *header);
        state = {.up = (header->ifi_flags & IFF_UP) != 0, .has_master = attributes.u32(IFLA_MASTER) != 0};
    };
    auto done = socket.dump(request.message(), fmt::format("look at interface {}", interface), read);
    if (!done) return tl::unexpected(std::move(done.error()));
    return state;
}

std::string disable_ipv6_key(const std::string& interface) {
    return "ipv6/conf/" + interface + "/disable_ipv6";
}

tl::unexpected<HostError> in_use(const std::string& interface, std::string detail) {
    return tl::unexpected(HostError{"guard " + interface, EBUSY, std::move(detail)});
}

}  // namespace

/// What was changed, each set once it is: release() undoes what is set.
struct PortGuard::State {
    NetnsHandle netns;
    HostControl control;
    std::string interface;
    InterfaceIndex index = 0;
    bool is_veth = false;

    std::optional<IngressDrop> drop;
    std::optional<InterfaceSnapshot> snapshot;
    std::optional<std::string> disable_ipv6;
    std::vector<OffloadSetting> offloads;
    bool brought_up = false;

    [[nodiscard]] Result<void> drop_ingress();
    [[nodiscard]] Result<void> take_addresses();
    [[nodiscard]] Result<void> switch_off();
    [[nodiscard]] Result<void> bring_up();
    std::vector<HostError> undo();
};

Result<void> PortGuard::State::drop_ingress() {
    auto installed = IngressDrop::install(netns, interface);
    if (!installed && installed.error().code == EPERM)
        installed.error().detail = "another process guards it, or CAP_NET_ADMIN is missing";
    if (!installed) return tl::unexpected(std::move(installed.error()));
    drop = std::move(*installed);
    return {};
}

Result<void> PortGuard::State::take_addresses() {
    auto taken = InterfaceSnapshot::take(control.socket(), index);
    if (!taken) return tl::unexpected(std::move(taken.error()));
    snapshot = std::move(*taken);
    if (auto removed = snapshot->remove(control.socket()); !removed) return removed;

    auto before = read_sysctl(netns, disable_ipv6_key(interface));
    if (!before && before.error().code == ENOENT) return {};  // a host without IPv6
    if (!before) return tl::unexpected(std::move(before.error()));
    disable_ipv6 = std::move(*before);
    return write_sysctl(netns, disable_ipv6_key(interface), "1");
}

Result<void> PortGuard::State::switch_off() {
    auto changed = switch_off_offloads(netns, interface);
    if (!changed) return tl::unexpected(std::move(changed.error()));
    offloads = std::move(*changed);
    return {};
}

Result<void> PortGuard::State::bring_up() {
    brought_up = true;
    return control.set_up(index, true);
}

std::vector<HostError> PortGuard::State::undo() {
    std::vector<HostError> errors;
    const auto note = [&](Result<void> done) {
        if (!done) errors.push_back(std::move(done.error()));
    };
    if (!offloads.empty()) note(restore_offloads(netns, interface, std::exchange(offloads, {})));
    if (disable_ipv6) note(write_sysctl(netns, disable_ipv6_key(interface), *disable_ipv6));
    disable_ipv6.reset();
    if (snapshot) std::ranges::move(snapshot->restore(control.socket()), std::back_inserter(errors));
    snapshot.reset();
    if (std::exchange(brought_up, false)) note(control.set_up(index, false));
    drop.reset();  // last: until now the stack hears nothing
    return errors;
}

Result<PortGuard> PortGuard::install(const NetnsHandle& netns, const std::string& interface) {
    auto own = netns.duplicate();
    if (!own) return tl::unexpected(std::move(own.error()));
    auto control = HostControl::open(netns);
    if (!control) return tl::unexpected(std::move(control.error()));
    const auto index = control->find_interface(interface);
    if (!index) return tl::unexpected(index.error());
    const auto link = link_state(control->socket(), *index);
    if (!link) return tl::unexpected(link.error());
    if (link->has_master) return in_use(interface, "it is a member of a bridge, bond or VRF");

    const bool is_veth = driver_of(netns, interface).value_or("") == "veth";
    PortGuard guard(std::unique_ptr<State>(new State{.netns = std::move(*own),
                                                     .control = std::move(*control),
                                                     .interface = interface,
                                                     .index = *index,
                                                     .is_veth = is_veth}));
    State& state = *guard.state_;
    Result<void> done = state.drop_ingress();
    if (done) done = state.take_addresses();
    if (done) done = state.switch_off();
    if (done && !link->up) done = state.bring_up();
    if (!done) return tl::unexpected(std::move(done.error()));
    return guard;
}

PortGuard::PortGuard(std::unique_ptr<State> state) : state_(std::move(state)) {}
PortGuard::PortGuard(PortGuard&&) noexcept = default;
PortGuard::~PortGuard() {
    if (state_) release();
}

std::vector<HostError> PortGuard::release() {
    return state_->undo();
}
InterfaceIndex PortGuard::index() const {
    return state_->index;
}
bool PortGuard::is_veth() const {
    return state_->is_veth;
}

}  // namespace ringway::control::host
