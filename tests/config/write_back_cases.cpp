#include "tests/config/write_back_cases.h"

#include <doctest/doctest.h>

namespace ringway::tests {

tl::expected<config::WrittenBack, std::vector<config::Problem>> write_changed(const std::string& text,
                                                                              const Change& change) {
    const auto file = config_tests() / "good" / "text.yaml";
    auto loaded = config::load_text(text, file, kTestOptions);
    if (!loaded) FAIL(config::to_string(loaded.error()));
    config::Running running = running_of(std::move(*loaded));
    change(running);
    return config::write_back(text, file, running, kTestOptions);
}

std::string write_text(const std::string& text, const Change& change) {
    const auto result = write_changed(text, change);
    if (!result) FAIL(config::to_string(result.error()));
    return std::string(result->text);
}

void check_cases(std::string_view head, const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        CAPTURE(one.rule);
        const std::string before = with_keys(std::string(head) + std::string(one.before));
        const std::string after = with_keys(std::string(head) + std::string(one.after));
        CHECK(write_text(before, one.change) == after);
        CHECK(write_text(with_crlf(before), one.change) == with_crlf(after));
        CHECK(write_text(before.substr(0, before.size() - 1), one.change) ==
              after.substr(0, after.size() - 1));
    }
}

}  // namespace ringway::tests
