#include "control/save/save_configuration.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

#include "config/file.h"
#include "control/state_file/replace_file.h"

namespace ringway::control {
namespace {

namespace fs = std::filesystem;

tl::expected<config::FileText, std::string> read(const fs::path& path) {
    auto text = config::read_file(path, {.max_bytes = config::kMaxFileBytes});
    if (text) return text;
    return tl::make_unexpected(fmt::format("{} {}", path.string(), text.error()));
}

tl::unexpected<std::string> changed(const fs::path& path) {
    return tl::make_unexpected(
        fmt::format("{} changed on disk since it was loaded, expected a reload first", path.string()));
}

/// As the loader prints them, without the last line end.
std::string joined(const std::vector<config::Problem>& problems) {
    std::string text = config::to_string(problems);
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

bool is_open_to_others(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

}  // namespace

tl::expected<SaveOutcome, std::string> save_configuration(const fs::path& path,
                                                          const config::Running& running,
                                                          const config::LoadOptions& options,
                                                          const config::TextDigest* loaded) {
    const auto text = read(path);
    if (!text) return tl::make_unexpected(text.error());
    const config::TextDigest digest = config::digest_of(text->view());
    if (loaded != nullptr && digest != *loaded) return changed(path);

    const auto made = config::write_back(text->view(), path, running, options);
    if (!made) return tl::make_unexpected(joined(made.error()));
    SaveOutcome outcome{.lines = made->lines, .holds_secrets = made->holds_secrets};
    outcome.digest = config::digest_of(made->text);
    if (outcome.digest == digest) return outcome;

    outcome.made_private = made->adds_secrets && is_open_to_others(path);
    // A large file takes a while to write back: an editor may have saved it meanwhile.
    const auto now = read(path);
    if (!now) return tl::make_unexpected(now.error());
    if (config::digest_of(now->view()) != digest) return changed(path);
    const auto written =
        rewrite_file(path, made->text, made->adds_secrets ? FileMode::owner_only : FileMode::as_it_was);
    if (!written) return tl::make_unexpected(written.error());
    return outcome;
}

}  // namespace ringway::control
