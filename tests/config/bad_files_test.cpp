// Every file of bad/ against the list beside it: NAME.expected holds one `LINE:COLUMN: text` for each
// problem of NAME.yaml, in order, where `text` is part of the message. No problem may be missing and
// none may be added.

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "config/load.h"
#include "tests/config/files.h"

namespace {

using namespace ringway::config;
using namespace ringway::tests;

struct Expected {
    std::string place;  ///< LINE:COLUMN
    std::string text;
};

std::vector<Expected> read_expected(std::filesystem::path file) {
    std::istringstream lines(read_whole(file.replace_extension(".expected")));
    std::vector<Expected> out;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t end = line.find(": ");
        REQUIRE_MESSAGE(end != std::string::npos, line);
        out.push_back({line.substr(0, end), line.substr(end + 2)});
    }
    return out;
}

void check_problem(const Problem& problem, const Expected& expected, const std::filesystem::path& file) {
    CHECK(problem.file == file.string());
    CHECK(std::to_string(problem.line) + ":" + std::to_string(problem.column) == expected.place);
    CHECK_MESSAGE(problem.text.find(expected.text) != std::string::npos, problem.text, " lacks ",
                  expected.text);
}

}  // namespace

TEST_CASE("every problem of a bad file is reported in its place, and no other") {
    const auto files = yaml_files(config_tests() / "bad");
    REQUIRE(files.size() >= 45);
    for (const auto& file : files) {
        CAPTURE(file);
        const auto expected = read_expected(file);
        const auto result = load_file(file, kTestOptions);
        CHECK_FALSE(result);
        if (result) continue;
        const auto& problems = result.error();
        CAPTURE(to_string(problems));
        CHECK(problems.size() == expected.size());
        for (std::size_t i = 0; i < std::min(problems.size(), expected.size()); ++i) {
            check_problem(problems[i], expected[i], file);
        }
    }
}

TEST_CASE("no message shows a key, wherever it was written") {
    const std::string key = "zzMZI1VDYPHPNFtaR6qB1LwJSSeysmDmcE9xEKj2tlQ";
    for (const std::string name :
         {"private_keys", "private_key_elsewhere", "private_key_as_unknown_key", "key_files"}) {
        CAPTURE(name);
        const auto file = config_tests() / "bad" / (name + ".yaml");
        const auto result = load_file(file, kTestOptions);
        REQUIRE_FALSE(result);
        CHECK(to_string(result.error()).find(key.substr(0, 12)) == std::string::npos);
    }
}

TEST_CASE("a problem prints as FILE:LINE:COLUMN: text") {
    const Problem problem{
        .file = "/etc/ringway.yaml", .line = 3, .column = 7, .text = "wrong, expected right"};
    CHECK(problem.to_string() == "/etc/ringway.yaml:3:7: wrong, expected right");
    CHECK(to_string({problem, problem}) == problem.to_string() + "\n" + problem.to_string() + "\n");
}
