#include "control/descriptor_watch.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <system_error>

#include "control/file_descriptor.h"

namespace ringway::control {

void DescriptorWatch::look() {
    const FileDescriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int error = one.is_open() ? 0 : errno;
    const bool exhausted = error == EMFILE || error == ENFILE;
    if (exhausted == exhausted_) return;
    exhausted_ = exhausted;
    if (!exhausted) {
        logger_.info("there are descriptors again");
        return;
    }
    rlimit limit{};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    logger_.warning("no descriptors are left: new consoles and clients of REST and wg(8) wait",
                    {{"error", std::generic_category().message(error)}, {"limit", limit.rlim_cur}});
}

}  // namespace ringway::control
