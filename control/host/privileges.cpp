#include "control/host/privileges.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace ringway::control::host {
namespace {

bool has(const std::array<__user_cap_data_struct, 2>& held, unsigned capability) {
    return (held[capability / 32].effective >> (capability % 32) & 1U) != 0;
}

}  // namespace

Result<void> check_privileges() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> held{};
    if (syscall(SYS_capget, &header, held.data()) != 0) return failure(errno, "read our capabilities");
    for (const auto& [capability, name] :
         {std::pair{CAP_NET_ADMIN, "CAP_NET_ADMIN"}, {CAP_NET_RAW, "CAP_NET_RAW"}}) {
        if (has(held, static_cast<unsigned>(capability))) continue;
        return tl::unexpected(
            HostError{"run a gateway", EPERM, std::string("needs ") + name + ": start it as root"});
    }
    return {};
}

}  // namespace ringway::control::host
