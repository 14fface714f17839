// Preloaded into a gateway: no thread can be made beyond RINGWAY_THREADS of them, nor while the file
// RINGWAY_NO_THREADS is there. As on a machine without memory for another stack.

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace {

bool is_allowed() {
    static std::atomic<int> made{0};
    const char* const most = std::getenv("RINGWAY_THREADS");
    const char* const file = std::getenv("RINGWAY_NO_THREADS");
    if (file != nullptr && access(file, F_OK) == 0) return false;
    return most == nullptr || made.fetch_add(1) < std::atoi(most);
}

}  // namespace

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                              void* argument) noexcept {
    using Create = decltype(&pthread_create);
    static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
    return is_allowed() ? create(thread, attributes, body, argument) : EAGAIN;
}
