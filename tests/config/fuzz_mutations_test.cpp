// The fuzzers of configurations on the files of the other tests and on seeded mutations of them, without
// libFuzzer.

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/config/files.h"
#include "tests/fuzz/targets.h"

namespace {

using namespace ringway::tests;

constexpr int kMutationsPerFile = 60;
constexpr int kMutationsOfTheCompleteFile = 3000;

void feed(const std::string& text) {
    const Input input(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    fuzz_config(input);
    fuzz_write_back(input);
}

class Mutator {
  public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    std::string mutate(std::string text) {
        for (std::size_t i = below(4) + 1; i > 0; --i)
            mutate_once(text);
        return text;
    }

  private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    std::size_t place(const std::string& text) { return below(text.size() + 1); }

    void mutate_once(std::string& text) {
        // Signs that mean something to YAML come more often than chance would have them.
        static constexpr std::string_view kSigns = "[]{}:,-?&*!|>'\"%@`# \n\t~0";
        const std::size_t at = place(text);
        switch (below(6)) {
            case 0:
                text.insert(at, 1, kSigns[below(kSigns.size())]);
                break;
            case 1:
                text.insert(at, 1, static_cast<char>(below(256)));
                break;
            case 2:
                text.erase(at, below(8));
                break;
            case 3:
                text.insert(at, text.substr(place(text), below(40)));
                break;
            case 4:
                text.erase(at);
                break;
            default:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1U << below(8)));
        }
    }

    std::mt19937 random_;
};

std::vector<std::filesystem::path> corpus() {
    std::vector<std::filesystem::path> files;
    for (const std::string_view folder : {"bad", "good", "styles"}) {
        for (const auto& file : yaml_files(config_tests() / folder))
            files.push_back(file);
    }
    return files;
}

}  // namespace

TEST_CASE("every file of the corpus keeps the fuzzer's promises") {
    for (const auto& file : corpus())
        feed(read_whole(file));
}

TEST_CASE("mutated files never break a promise") {
    std::uint32_t seed = 1;
    for (const auto& file : corpus()) {
        Mutator mutator(seed++);
        const std::string text = read_whole(file);
        for (int i = 0; i < kMutationsPerFile; ++i)
            feed(mutator.mutate(text));
    }
}

TEST_CASE("mutations of the complete file never break a promise") {
    Mutator mutator(4711);
    const std::string text = read_whole(config_tests() / "good" / "complete.yaml");
    for (int i = 0; i < kMutationsOfTheCompleteFile; ++i)
        feed(mutator.mutate(text));
}

TEST_CASE("a file cut anywhere never breaks a promise") {
    const std::string text = read_whole(config_tests() / "good" / "complete.yaml");
    for (std::size_t size = 0; size < text.size(); ++size)
        feed(text.substr(0, size));
}
