// libFuzzer's entry, for one target: fuzz --target=NAME [what libFuzzer takes]. `fuzz --list` names them.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/targets.h"
#include "tests/support/eal.h"

namespace {

using namespace ringway::tests;

constexpr std::string_view kOption = "--target=";

/// libFuzzer calls without a context.
const FuzzTarget*& chosen() {
    static const FuzzTarget* target = nullptr;
    return target;
}

[[noreturn]] void list(int status) {
    for (const FuzzTarget& target : fuzz_targets())
        std::printf("%.*s\n", static_cast<int>(target.name.size()), target.name.data());
    std::exit(status);
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): libFuzzer names them
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// libFuzzer passes over options with two dashes, and hands them on to the processes that it starts.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    for (int i = 1; i < *argc; ++i) {
        const std::string_view argument = (*argv)[i];
        if (argument == "--list") list(EXIT_SUCCESS);
        if (argument.starts_with(kOption)) chosen() = find_fuzz_target(argument.substr(kOption.size()));
    }
    if (chosen() == nullptr) {
        (void)std::fputs("fuzz: --target= and one of these is needed\n", stderr);
        list(EXIT_FAILURE);
    }
    start_eal();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    chosen()->feed({data, size});
    return 0;
}
// NOLINTEND(readability-identifier-naming)
