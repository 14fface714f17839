#include "control/state_file/replace_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/support/temporary_directory.h"

namespace ringway::control {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
}

/// How many names the directory holds.
std::ptrdiff_t names_in(const fs::path& directory) {
    return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
}

}  // namespace

TEST_CASE("a file is made with its directory, for its owner alone") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "state" / "file";
    const mode_t before = ::umask(0);
    const auto written = replace_file(path, "text");
    ::umask(before);
    REQUIRE(written.has_value());
    CHECK(read_small_file(path, 4) == "text");
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path.parent_path()) == 0700);
}

TEST_CASE("the new contents take the place of the old and leave nothing else behind") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "file";
    REQUIRE(replace_file(path, "a long old text").has_value());
    REQUIRE(replace_file(path, "new").has_value());
    CHECK(read_small_file(path, 100) == "new");
    CHECK(names_in(directory.path()) == 1);
}

TEST_CASE("a reader that holds the old file goes on reading the old contents") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "file";
    REQUIRE(replace_file(path, "old").has_value());
    std::ifstream reader(path);
    REQUIRE(replace_file(path, "new").has_value());
    std::string text;
    reader >> text;
    CHECK(text == "old");
}

TEST_CASE("what a crash left under the temporary name is in nobody's way") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "file";
    const fs::path other = directory.path() / "other";
    std::ofstream(other) << "kept";
    fs::create_symlink(other, directory.path() / "file.new");
    REQUIRE(replace_file(path, "new").has_value());
    CHECK(read_small_file(path, 100) == "new");
    CHECK(read_small_file(other, 100) == "kept");
    CHECK(fs::is_regular_file(fs::symlink_status(path)));
}

TEST_CASE("a file that can't be replaced is an error that names it, and stays") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "file";
    fs::create_directory(path);
    const auto written = replace_file(path, "new");
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().find(path.string()) != std::string::npos);
    CHECK(names_in(directory.path()) == 1);

    CHECK_FALSE(replace_file(directory.path() / "no" / "such" / "file", "new").has_value());
}

TEST_CASE("a file of the operator's keeps its mode, or loses what group and others may") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "file";
    std::ofstream(path) << "old";
    fs::permissions(path, fs::perms(0664));
    const mode_t before = ::umask(077);
    REQUIRE(rewrite_file(path, "new", FileMode::as_it_was).has_value());
    CHECK(mode_of(path) == 0664);
    REQUIRE(rewrite_file(path, "newer", FileMode::owner_only).has_value());
    ::umask(before);
    CHECK(mode_of(path) == 0600);
    CHECK(read_small_file(path, 100) == "newer");
    CHECK(names_in(directory.path()) == 1);
}

TEST_CASE("a file of the operator's keeps its owner and group") {
    if (::geteuid() != 0) return;  // only root can give files away
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "file";
    std::ofstream(path) << "old";
    REQUIRE(::chown(path.c_str(), 1234, 5678) == 0);
    REQUIRE(rewrite_file(path, "new", FileMode::as_it_was).has_value());
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(status.st_uid == 1234);
    CHECK(status.st_gid == 5678);
}

TEST_CASE("a symbolic link stays one and names the new contents") {
    const tests::TemporaryDirectory directory;
    fs::create_directory(directory.path() / "real");
    const fs::path real = directory.path() / "real" / "file";
    const fs::path middle = directory.path() / "middle";
    const fs::path link = directory.path() / "link";
    std::ofstream(real) << "old";
    fs::create_symlink("real/file", middle);
    fs::create_symlink(middle, link);
    REQUIRE(rewrite_file(link, "new", FileMode::as_it_was).has_value());
    CHECK(fs::is_symlink(link));
    CHECK(fs::read_symlink(middle) == "real/file");
    CHECK(fs::is_regular_file(fs::symlink_status(real)));
    CHECK(read_small_file(real, 100) == "new");
    CHECK(names_in(directory.path() / "real") == 1);
}

TEST_CASE("only a regular file that is there can be written anew") {
    const tests::TemporaryDirectory directory;
    CHECK_FALSE(rewrite_file(directory.path() / "none", "new", FileMode::as_it_was).has_value());
    CHECK_FALSE(rewrite_file(directory.path(), "new", FileMode::as_it_was).has_value());
    CHECK_FALSE(rewrite_file("/dev/null", "new", FileMode::as_it_was).has_value());
    CHECK(names_in(directory.path()) == 0);
}

TEST_CASE("a file is read whole or not at all") {
    const tests::TemporaryDirectory directory;
    const fs::path path = directory.path() / "file";
    CHECK(read_small_file(path, 10).error() == FileReadError::missing);
    CHECK(read_small_file(directory.path(), 10).error() == FileReadError::unreadable);
    std::ofstream(path) << "12345";
    CHECK(read_small_file(path, 5) == "12345");
    CHECK(read_small_file(path, 4).error() == FileReadError::too_large);
    std::ofstream(path, std::ios::trunc).flush();
    CHECK(read_small_file(path, 4) == "");
}

}  // namespace ringway::control
