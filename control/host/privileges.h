#pragma once

#include <filesystem>

#include "control/host/error.h"

namespace ringway::control::host {

/// Whether this process may make interfaces and packet sockets (CAP_NET_ADMIN, CAP_NET_RAW): asked first,
/// so that the answer is not the first thing that happens to fail.
[[nodiscard]] Result<void> check_privileges();

/// What a gateway goes on doing after its start, beside netlink (CAP_NET_ADMIN) and changing its listen
/// ports (CAP_NET_BIND_SERVICE).
struct LaterNeeds {
    bool other_namespaces = false;  ///< enter them: CAP_SYS_ADMIN
    bool files_of_others = false;   ///< read and write them: CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER
};

/// Whether a file that is to be read or written again, or its folder, belongs to another user. One that isn't
/// there belongs to nobody.
[[nodiscard]] bool is_of_others(const std::filesystem::path& file);

/// Gives up all other capabilities for good, in every thread of the process, and the right to gain any by
/// execve(2): permitted, effective, inheritable, ambient and bounding sets, and no_new_privs. Threads are
/// told by control::privilege_signal(), for whose sake some system calls return EINTR. Takes a second at
/// most. ETIMEDOUT: a thread that blocks the signal has kept its own; the error names it.
[[nodiscard]] Result<void> drop_privileges(const LaterNeeds& needs);

}  // namespace ringway::control::host
