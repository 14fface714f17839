// What is linked from Debian's DPDK is built for CPUs since Nehalem, and so is what includes its headers: on
// an older one, or a virtual machine's model of one, the constructors of shared libraries already end in an
// illegal instruction. So this runs before them, and is built for any x86-64.

#include <unistd.h>

#include <string_view>

namespace {

/// Written without the C library's streams, which do not exist yet.
void say(std::string_view text) {
    (void)!write(STDERR_FILENO, text.data(), text.size());
}

/// As the dynamic linker calls what stands in .preinit_array: with main()'s arguments.
void check_cpu(int count, char** arguments, char**) {
    __builtin_cpu_init();
    // Of what Nehalem brought, this came last.
    if (__builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("popcnt") != 0) return;
    const std::string_view program = count > 0 ? arguments[0] : "ringway";
    say(program.substr(program.rfind('/') + 1));
    say(": this CPU lacks SSE4.2 and POPCNT, which DPDK needs: in a virtual machine, give it the host's CPU "
        "model\n");
    _exit(1);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kCheckFirst)(int, char**, char**) = check_cpu;

}  // namespace
