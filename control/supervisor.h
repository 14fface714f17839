#pragma once

#include <string_view>

namespace ringway::control {

/// Tells whoever supervises this process, by systemd's protocol (sd_notify(3)): "READY=1",
/// "STOPPING=1". Does nothing when nobody asked to be told, by NOTIFY_SOCKET.
void tell_supervisor(std::string_view state);

}  // namespace ringway::control
