// Save: what runs is what the text means, changed by chance that the text itself seeds.

#include <cstdint>
#include <string_view>

#include "config/load.h"
#include "config/write_back.h"
#include "tests/config/random_text.h"
#include "tests/config/write_back_cases.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

namespace {

using namespace config;

const LoadOptions kOptions = {.insecure_key_files = true, .cpus = 4};
constexpr const char* kFile = "good/fuzz.yaml";

void check_unchanged(std::string_view text, Configuration&& configuration) {
    const Running running = running_of(std::move(configuration));
    const auto same = write_back(text, kFile, running, kOptions);
    promise(same.has_value(), "what a text means can be written to it");
    promise(same->text == text, "a text that means what runs stays as it is");
}

void check_changed(std::string_view text, Configuration&& configuration, std::uint32_t seed) {
    Chance chance(seed);
    Running running = running_of(std::move(configuration));
    change_at_random(running, chance);
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

void fuzz_write_back(Input input) {
    const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
    auto first = load_text(text, kFile, kOptions);
    auto second = load_text(text, kFile, kOptions);
    if (!first || !second) return;
    const std::uint32_t seed = first->digest.bytes[0] * 256U + first->digest.bytes[1];
    check_unchanged(text, std::move(*first));
    check_changed(text, std::move(*second), seed);
}

}  // namespace ringway::tests
