#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace ringway::control {

/// Puts `text` in the place of the file's contents, mode 0600, so that whatever happens, a power cut
/// included, the file holds either all of the old or all of the new. It is on the disk when this
/// returns, so this may take as long as the disk does. A missing directory is made (0700, its parent
/// must exist). The error says what failed.
[[nodiscard]] tl::expected<void, std::string> replace_file(const std::filesystem::path& path,
                                                           std::string_view text);

enum class FileMode : bool {
    as_it_was,
    owner_only,  ///< what it was, without group and others
};

/// replace_file() for a file of the operator's, which must be there: it keeps its owner, group and mode,
/// and a symbolic link goes on naming the file that it names. Hard links to the old contents keep those.
[[nodiscard]] tl::expected<void, std::string> rewrite_file(const std::filesystem::path& path,
                                                           std::string_view text, FileMode mode);

enum class FileReadError : unsigned char { missing, unreadable, too_large };

/// The whole file, if it is no larger than `limit`.
[[nodiscard]] tl::expected<std::string, FileReadError> read_small_file(const std::filesystem::path& path,
                                                                       std::size_t limit);

}  // namespace ringway::control
