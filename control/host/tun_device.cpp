#include "control/host/tun_device.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "control/host/host_control.h"

namespace ringway::control::host {

namespace {

constexpr const char* kTunControl = "/dev/net/tun";

std::string describe(const TunOptions& options) {
    return fmt::format("{} {}", options.kind == TunOptions::Kind::tap ? "TAP" : "TUN", options.name);
}

tl::unexpected<HostError> creation_failure(const TunOptions& options, int code) {
    HostError error{"create " + describe(options), code, {}};
    if (code == EBUSY) error.detail = "an interface of that name exists";
    if (code == EPERM) error.detail = "CAP_NET_ADMIN is needed";
    return tl::unexpected(std::move(error));
}

/// The name is taken literally: the kernel would make "tap%d" into the first free number.
bool is_plain_name(const std::string& name) {
    return !name.empty() && name.size() < IFNAMSIZ && name.find('%') == std::string::npos;
}

/// The calling thread is in the namespace that gets the interface.
Result<FileDescriptor> attach(const TunOptions& options) {
    FileDescriptor fd(::open(kTunControl, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd.is_open()) return failure(errno, "open {}", kTunControl);

    ifreq request{};
    options.name.copy(request.ifr_name, IFNAMSIZ - 1);
    const int kind = options.kind == TunOptions::Kind::tap ? IFF_TAP : IFF_TUN;
    request.ifr_flags = static_cast<short>(kind | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL);
    if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) return creation_failure(options, errno);

    const int header_bytes = kVnetHeaderBytes;
    const int little_endian = 1;
    if (::ioctl(fd.get(), TUNSETVNETHDRSZ, &header_bytes) != 0 ||
        ::ioctl(fd.get(), TUNSETVNETLE, &little_endian) != 0 || ::ioctl(fd.get(), TUNSETOFFLOAD, 0UL) != 0) {
        return failure(errno, "set up the packet headers of {}", describe(options));
    }
    return fd;
}

Result<InterfaceIndex> set_up(HostControl& control, const TunOptions& options) {
    auto index = control.find_interface(options.name);
    if (!index) return index;
    const bool tap = options.kind == TunOptions::Kind::tap;
    Result<void> done = control.set_mtu(*index, options.mtu);
    if (done) done = tap ? control.set_mac(*index, options.mac) : control.stop_address_generation(*index);
    for (const InterfaceAddress& address : options.addresses) {
        if (done) done = control.add_address(*index, address, tap && options.detect_duplicates);
    }
    if (done) done = control.set_up(*index, true);
    if (!done) return tl::unexpected(std::move(done.error()));
    return index;
}

}  // namespace

Result<TunDevice> TunDevice::create(const NetnsHandle& netns, const TunOptions& options) {
    if (!is_plain_name(options.name)) return creation_failure(options, EINVAL);
    auto control = HostControl::open(netns);
    if (!control) return tl::unexpected(std::move(control.error()));
    auto fd = with_netns(netns, [&] { return attach(options); });
    if (!fd) return tl::unexpected(std::move(fd.error()));
    const auto index = set_up(*control, options);
    if (!index) return tl::unexpected(index.error());
    return TunDevice(std::move(*fd), options, *index);
}

Result<void> TunDevice::remake(const NetnsHandle& netns) {
    auto made = create(netns, options_);
    if (!made) return tl::unexpected(std::move(made.error()));
    if (::dup3(made->fd_.get(), fd_.get(), O_CLOEXEC) < 0)
        return failure(errno, "replace {}", describe(options_));
    index_ = made->index_;
    return {};
}

}  // namespace ringway::control::host
