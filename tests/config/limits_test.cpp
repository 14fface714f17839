// Texts that are too much of something end in a problem, not in a crash or without memory.

#include <doctest/doctest.h>

#include <string>

#include "config/document.h"
#include "config/load.h"
#include "tests/config/files.h"

namespace {

using namespace ringway::config;

constexpr std::size_t kMany = 200'000;

std::string repeated(std::string_view part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += part;
    return out;
}

std::string first_problem(const std::string& text) {
    const auto result = load_text(text, "test.yaml", ringway::tests::kTestOptions);
    REQUIRE_FALSE(result);
    return result.error().front().to_string();
}

}  // namespace

TEST_CASE("any depth is refused, however it is written") {
    for (const std::string_view part : {"[", "{", "- ", "? ", "[\n", "{a: ", "- - "}) {
        CAPTURE(part);
        CHECK(first_problem(repeated(part, kMany)).find("nested deeper") != std::string::npos);
    }
}

TEST_CASE("more values than any configuration needs are refused") {
    const std::string text = "ports:\n" + repeated("- 1\n", kMaxValues);
    CHECK(first_problem(text).find("more than 2000000 values") != std::string::npos);
}

TEST_CASE("a file above the size limit is refused") {
    const std::string text(kMaxFileBytes + 1, '#');
    CHECK(first_problem(text).find("too large, expected at most 64 MiB") != std::string::npos);
}

TEST_CASE("aliases are never expanded") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 30; ++i) {
        const std::string alias = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(alias + ", ", 9) +
                alias + "]\n";
    }
    const auto result = load_text(text, "test.yaml", ringway::tests::kTestOptions);
    REQUIRE_FALSE(result);
    // 30 anchors, 290 aliases, 30 unknown keys, and no ports.
    CHECK(result.error().size() == 30 + 290 + 30 + 1);
}

TEST_CASE("long words and many unknown keys are only reported") {
    CHECK(first_problem("a: " + std::string(kMany, 'x') + "\n").size() < 1000);
    CHECK(first_problem("ports: " + std::string(kMany, 'x') + "\n").size() < 1000);
    std::string keys;
    for (int i = 0; i < 10'000; ++i)
        keys += "k" + std::to_string(i) + ": 1\n";
    const auto result = load_text(keys, "test.yaml", ringway::tests::kTestOptions);
    REQUIRE_FALSE(result);
    CHECK(result.error().size() == 10'001);
}
