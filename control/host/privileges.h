#pragma once

#include "control/host/error.h"

namespace ringway::control::host {

/// Whether this process may make interfaces and packet sockets (CAP_NET_ADMIN, CAP_NET_RAW): asked first,
/// so that the answer is not the first thing that happens to fail.
[[nodiscard]] Result<void> check_privileges();

}  // namespace ringway::control::host
