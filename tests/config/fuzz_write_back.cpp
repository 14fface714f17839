// The fuzzer's entry for save: what runs is what the text means, changed by chance that the text itself
// seeds. Meson builds it with libFuzzer when the compiler is clang (target config-write-back-fuzz); the
// normal run replays the same files through it as through the loader, and mutations of them.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "config/load.h"
#include "config/write_back.h"
#include "tests/config/random_text.h"
#include "tests/config/write_back_cases.h"

namespace {

using namespace ringway::config;

const LoadOptions kOptions = {.insecure_key_files = true, .cpus = 4};
constexpr const char* kFile = "good/fuzz.yaml";

void promise(bool kept, const char* what) {
    if (kept) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

void check_unchanged(std::string_view text, Configuration&& configuration) {
    const Running running = ringway::tests::running_of(std::move(configuration));
    const auto same = write_back(text, kFile, running, kOptions);
    promise(same.has_value(), "what a text means can be written to it");
    promise(same->text == text, "a text that means what runs stays as it is");
}

void check_changed(std::string_view text, Configuration&& configuration, std::uint32_t seed) {
    ringway::tests::Chance chance(seed);
    Running running = ringway::tests::running_of(std::move(configuration));
    ringway::tests::change_at_random(running, chance);
    const auto made = write_back(text, kFile, running, kOptions);
    if (!made) {
        promise(!made.error().empty(), "a failure has problems");
        for (const Problem& problem : made.error())
            promise(problem.text.find("VFRUVFRUVFRUVFRUVFRUVFRU") == std::string::npos, "no key is shown");
        return;
    }
    promise(load_text(made->text, kFile, kOptions).has_value(), "a text that was made loads");
    const auto again = write_back(made->text, kFile, running, kOptions);
    promise(again && again->text == made->text, "a text that was made needs no change");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer names it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto first = load_text(text, kFile, kOptions);
    auto second = load_text(text, kFile, kOptions);
    if (!first || !second) return 0;
    const std::uint32_t seed = first->digest.bytes[0] * 256U + first->digest.bytes[1];
    check_unchanged(text, std::move(*first));
    check_changed(text, std::move(*second), seed);
    return 0;
}
