#include "tests/support/siege_part.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ringway::tests {
namespace {

constexpr std::chrono::seconds kBetweenLines{5};

nlohmann::json to_json(const SiegeRow& row) {
    return {{"what", row.what},       {"tried", row.tried}, {"unit", row.unit},
            {"seconds", row.seconds}, {"lost", row.lost},   {"failures", row.failures}};
}

}  // namespace

void write_siege_part(const std::string& file, std::string_view part, const std::vector<SiegeRow>& rows) {
    nlohmann::json out{{"part", part}, {"rows", nlohmann::json::array()}};
    for (const SiegeRow& row : rows)
        out["rows"].push_back(to_json(row));
    std::ofstream stream(file);
    stream << out.dump(1) << '\n';
    if (!stream.flush()) throw std::runtime_error(fmt::format("{} can't be written", file));
}

SiegeProgress::SiegeProgress() : on_terminal_(isatty(STDERR_FILENO) == 1), said_(Clock::now()) {}

void SiegeProgress::say(std::string_view what) {
    const auto now = Clock::now();
    if (now - said_ < kBetweenLines) return;
    said_ = now;
    fmt::print(stderr, "{}{}{}", on_terminal_ ? "\r\x1b[K" : "", what, on_terminal_ ? "" : "\n");
    (void)std::fflush(stderr);
}

void SiegeProgress::clear() {
    if (on_terminal_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace ringway::tests
