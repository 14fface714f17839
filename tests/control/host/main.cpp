// The tests run in a mount and a network namespace of their own: nothing they make is seen outside, and
// nothing outlives them, whatever happens.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cstdio>

namespace {

constexpr int kSkipped = 77;

bool isolate() {
    if (::unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) return false;
    ::mkdir("/run/netns", 0755);
    return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("netns", "/run/netns", "tmpfs", 0, nullptr) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (!isolate()) {
        std::perror("namespaces of our own");
        return kSkipped;
    }
    return doctest::Context(argc, argv).run();
}
