// The fuzzer's corpus and seeded mutations of it, without libFuzzer.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace {

constexpr std::size_t kMutations = 25'000;  // of all files together: the corpus grows

void feed(const std::string& text) {
    ringway::tests::fuzz_console({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::vector<std::string> corpus() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(CORPUS_DIR))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> texts;
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return texts;
}

/// Keys that mean something to a console come more often than chance would have them.
std::string mutate(std::string text, std::mt19937& random) {
    static const std::vector<std::string> kKeys = {"\t",     "?",      "\033[A", "\033[B", "\033[D", "\x7f",
                                                   "\003",   "\004",   "\001",   "\005",   "\013",   "\025",
                                                   "\027",   " ",      "#",      "\n",     "\r",     "show ",
                                                   "peers ", "alice ", "json ",  "top 9 ", "state "};
    for (auto n = random() % 4 + 1; n > 0; --n) {
        const std::size_t at = random() % (text.size() + 1);
        switch (random() % 5) {
            case 0:
                text.insert(at, kKeys[random() % kKeys.size()]);
                break;
            case 1:
                text.insert(at, 1, static_cast<char>(random()));
                break;
            case 2:
                text.erase(at, random() % 8);
                break;
            case 3:
                text.insert(at, text.substr(random() % (text.size() + 1), random() % 600));
                break;
            default:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1U << random() % 8));
        }
    }
    return text;
}

}  // namespace

TEST_CASE("every file of the corpus keeps the fuzzer's promises") {
    REQUIRE(corpus().size() > 5);
    for (const std::string& text : corpus())
        feed(text);
}

TEST_CASE("mutated lines and keys keep the fuzzer's promises") {
    std::mt19937 random(1);
    const std::vector<std::string> texts = corpus();
    for (std::size_t i = 0; i < kMutations; ++i)
        feed(mutate(texts[i % texts.size()], random));
}

TEST_CASE("a line cut anywhere, or of any length, keeps them, too") {
    for (const std::string& text : corpus()) {
        for (std::size_t size = 0; size < text.size(); ++size)
            feed(text.substr(0, size));
    }
    for (std::size_t size = 500; size < 530; ++size)
        feed("show peer " + std::string(size, 'x') + "\t\n");
}
