#include "control/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

#include "control/file_descriptor.h"

namespace ringway::control {

void tell_supervisor(std::string_view state) {
    const char* told = std::getenv("NOTIFY_SOCKET");
    const std::string_view name = told == nullptr ? "" : told;
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    if (name.empty() || name.size() >= sizeof(address.sun_path)) return;
    name.copy(static_cast<char*>(address.sun_path), name.size());
    // A name in no file system begins with a zero byte, written as @.
    if (name.front() == '@') address.sun_path[0] = '\0';
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return;
    (void)::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                   reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
}

}  // namespace ringway::control
