// What is linked from Debian's DPDK is built for CPUs since Nehalem, and so is what includes its headers: on
// an older one, or a virtual machine's model of one, the constructors of shared libraries already end in an
// illegal instruction. So this runs before them, and is built for any x86-64.

#include <unistd.h>

#include <string_view>

namespace {

/// Written without the C library's streams, which do not exist yet.
[[noreturn]] void refuse(std::string_view why) {
    (void)!write(STDERR_FILENO, why.data(), why.size());
    _exit(1);
}

void check_cpu() {
    __builtin_cpu_init();
    // Of what Nehalem brought, this came last.
    if (__builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("popcnt") != 0) return;
    refuse(
        "ringway: this CPU lacks SSE4.2 and POPCNT, which DPDK needs: "
        "in a virtual machine, give it the host's CPU model\n");
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kCheckFirst)() = check_cpu;

}  // namespace
