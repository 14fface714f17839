#include "control/host/offloads.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace ringway::control::host {

namespace {

struct OffloadCommands {
    std::uint32_t get;
    std::uint32_t set;
    std::uint32_t bits;  ///< of the value, to be switched off
};
/// Segmentation before checksums: it depends on them.
constexpr std::array kUnwanted = {
    OffloadCommands{ETHTOOL_GTSO, ETHTOOL_STSO, 1},
    OffloadCommands{ETHTOOL_GGSO, ETHTOOL_SGSO, 1},
    OffloadCommands{ETHTOOL_GGRO, ETHTOOL_SGRO, 1},
    OffloadCommands{ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_LRO},
    OffloadCommands{ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM, 1},
};

/// Runs `f(socket)` with a socket for ioctls on interfaces of `netns`.
template <typename F>
std::invoke_result_t<F, int> with_socket(const NetnsHandle& netns, F&& f) {
    return with_netns(netns, [&]() -> std::invoke_result_t<F, int> {
        const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (!socket.is_open()) return failure(errno, "make a socket in {}", netns.describe());
        return f(socket.get());
    });
}

/// Zero or an errno.
int ethtool(int socket, const std::string& interface, void* command) {
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = static_cast<char*>(command);
    return ::ioctl(socket, SIOCETHTOOL, &request) == 0 ? 0 : errno;
}

Result<void> set_offload(int socket, const std::string& interface, std::uint32_t command,
                         std::uint32_t value) {
    ethtool_value setting{.cmd = command, .data = value};
    const int code = ethtool(socket, interface, &setting);
    if (code != 0 && code != EOPNOTSUPP) return failure(code, "change an offload setting of {}", interface);
    return {};
}

}  // namespace

Result<std::vector<OffloadSetting>> switch_off_offloads(const NetnsHandle& netns,
                                                        const std::string& interface) {
    return with_socket(netns, [&](int socket) -> Result<std::vector<OffloadSetting>> {
        std::vector<OffloadSetting> changed;
        for (const OffloadCommands& offload : kUnwanted) {
            ethtool_value now{.cmd = offload.get, .data = 0};
            if (ethtool(socket, interface, &now) != 0 || (now.data & offload.bits) == 0) continue;
            if (auto done = set_offload(socket, interface, offload.set, now.data & ~offload.bits); !done) {
                return tl::unexpected(std::move(done.error()));
            }
            changed.insert(changed.begin(), {offload.set, now.data});
        }
        return changed;
    });
}

Result<void> restore_offloads(const NetnsHandle& netns, const std::string& interface,
                              const std::vector<OffloadSetting>& settings) {
    return with_socket(netns, [&](int socket) -> Result<void> {
        for (const OffloadSetting& setting : settings) {
            if (auto done = set_offload(socket, interface, setting.set_command, setting.value); !done)
                return done;
        }
        return {};
    });
}

Result<std::string> driver_of(const NetnsHandle& netns, const std::string& interface) {
    return with_socket(netns, [&](int socket) -> Result<std::string> {
        ethtool_drvinfo info{};
        info.cmd = ETHTOOL_GDRVINFO;
        if (const int code = ethtool(socket, interface, &info); code != 0) {
            return failure(code, "ask for the driver of {}", interface);
        }
        return std::string(info.driver);
    });
}

}  // namespace ringway::control::host
