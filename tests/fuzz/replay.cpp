// The corpora through their targets, without libFuzzer and with any compiler:
//
//     fuzz-replay [TARGET [FILE...]]
//
// All files of all corpora, of one, or those named. The last line says which input one died of.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"
#include "tests/support/eal.h"

namespace ringway::tests {
namespace {

using Path = std::filesystem::path;
using Paths = std::vector<Path>;

Paths files_in(const Path& folder) {
    Paths files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::uint8_t> read(const Path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error(fmt::format("{} can't be read", file.string()));
    return {std::istreambuf_iterator<char>(stream), {}};
}

void replay(const FuzzTarget& target, const Paths& files) {
    for (const Path& file : files) {
        fmt::print("{} {}\n", target.name, file.filename().string());
        (void)std::fflush(stdout);
        target.feed(read(file));
    }
}

void replay_all() {
    for (const FuzzTarget& target : fuzz_targets()) {
        const Paths files = files_in(Path(CORPUS_DIR) / target.name);
        if (files.empty()) throw std::runtime_error(fmt::format("{} has no corpus", target.name));
        replay(target, files);
    }
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        replay_all();
        return 0;
    }
    const FuzzTarget* target = find_fuzz_target(arguments.front());
    if (target == nullptr)
        throw std::runtime_error(fmt::format("no target is called '{}'", arguments.front()));
    replay(*target, arguments.size() > 1 ? Paths(arguments.begin() + 1, arguments.end())
                                         : files_in(Path(CORPUS_DIR) / target->name));
    return 0;
}

}  // namespace
}  // namespace ringway::tests

int main(int argc, char** argv) {
    try {
        ringway::tests::start_eal();
        return ringway::tests::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        fmt::print(stderr, "fuzz-replay: {}\n", error.what());
        return 2;
    }
}
