#include "control/log/sink.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <fstream>
#include <sstream>

#include "control/file_descriptor.h"
#include "control/log/log.h"
#include "tests/support/temporary_directory.h"

namespace ringway::control {
namespace {

namespace fs = std::filesystem;
using tests::TemporaryDirectory;

std::string contents(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

config::Log to_file(const fs::path& path) {
    return {.target = config::LogTarget::file, .file = path};
}

/// A file in the place of standard error.
struct FakeStandardError {
    FakeStandardError() {
        struct stat status {};
        REQUIRE(::fstat(fd.get(), &status) == 0);
        environment = {.standard_error = fd.get(),
                       .journal_stream = fmt::format("{}:{}", status.st_dev, status.st_ino),
                       .journal_socket = directory.path() / "journal"};
    }

    TemporaryDirectory directory;
    fs::path path = directory.path() / "stderr";
    FileDescriptor fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    LogEnvironment environment;
};

FileDescriptor listen_as_journal(const fs::path& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.native().copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    return socket;
}

}  // namespace

TEST_CASE("standard error gets whole lines with their time") {
    FakeStandardError fake;
    const auto log = Log::open({}, fake.environment);
    REQUIRE(log.has_value());
    Logger(**log, "main").info("started");
    CHECK(contents(fake.path).ends_with("Z info main: started\n"));
}

TEST_CASE("the journal is standard error with a prefix when systemd reads that") {
    FakeStandardError fake;
    const auto log = Log::open({.target = config::LogTarget::journal}, fake.environment);
    REQUIRE(log.has_value());
    Logger(**log, "main").warning("odd");
    CHECK(contents(fake.path) == "<4>main: odd\n");
}

TEST_CASE("the journal is its own socket when systemd reads another stream than ours") {
    FakeStandardError fake;
    fake.environment.journal_stream += "0";
    const FileDescriptor journal = listen_as_journal(fake.environment.journal_socket);
    const auto log = Log::open({.target = config::LogTarget::journal}, fake.environment);
    REQUIRE(log.has_value());
    Logger(**log, "main").error("broken");
    std::array<char, 4096> entry{};
    const ssize_t size = ::recv(journal.get(), entry.data(), entry.size(), MSG_DONTWAIT);
    REQUIRE(size > 0);
    CHECK(std::string_view(entry.data(), static_cast<std::size_t>(size)).find("PRIORITY=3\n") !=
          std::string_view::npos);
    CHECK(contents(fake.path).empty());
}

TEST_CASE("a journal that is not there is an error that names its socket") {
    FakeStandardError fake;
    fake.environment.journal_stream.clear();
    const auto log = Log::open({.target = config::LogTarget::journal}, fake.environment);
    REQUIRE_FALSE(log.has_value());
    CHECK(log.error().find(fake.environment.journal_socket.string()) != std::string::npos);
}

TEST_CASE("a file is appended to, and others can't read it") {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "ringway.log";
    for (int run = 0; run < 2; ++run) {
        const auto log = Log::open(to_file(path));
        REQUIRE(log.has_value());
        Logger(**log, "main").info("started");
    }
    const std::string text = contents(path);
    CHECK(std::ranges::count(text, '\n') == 2);
    CHECK((fs::status(path).permissions() & fs::perms::others_all) == fs::perms::none);
}

TEST_CASE("a file that was rotated away is made anew when the configuration is applied") {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "ringway.log";
    const auto log = Log::open(to_file(path));
    REQUIRE(log.has_value());
    const Logger logger(**log, "main");
    logger.info("one");
    fs::rename(path, directory.path() / "ringway.log.1");
    logger.info("two");
    REQUIRE((*log)->apply(to_file(path)).has_value());
    logger.info("three");
    CHECK(contents(directory.path() / "ringway.log.1").ends_with("main: two\n"));
    CHECK(contents(path).ends_with("main: three\n"));
    CHECK(contents(path).find("two") == std::string::npos);
}

TEST_CASE("a target that can't be opened leaves the log as it was") {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "ringway.log";
    const auto log = Log::open(to_file(path));
    REQUIRE(log.has_value());
    auto bad = to_file(directory.path() / "missing" / "ringway.log");
    bad.level = LogLevel::error;
    const auto applied = (*log)->apply(bad);
    REQUIRE_FALSE(applied.has_value());
    CHECK(applied.error().find(bad.file.string()) != std::string::npos);
    Logger(**log, "main").info("still here");
    CHECK(contents(path).ends_with("main: still here\n"));
}

TEST_CASE("a new level counts from when it is applied") {
    const TemporaryDirectory directory;
    auto configuration = to_file(directory.path() / "ringway.log");
    const auto log = Log::open(configuration);
    REQUIRE(log.has_value());
    const Logger logger(**log, "main");
    logger.debug("one");
    configuration.level = LogLevel::debug;
    REQUIRE((*log)->apply(configuration).has_value());
    logger.debug("two");
    const std::string text = contents(configuration.file);
    CHECK(text.find("one") == std::string::npos);
    CHECK(text.find("two") != std::string::npos);
}

TEST_CASE("a full disk loses records and counts them") {
    const auto log = Log::open(to_file("/dev/full"));
    REQUIRE(log.has_value());
    Logger(**log, "main").info("a");
    CHECK((*log)->lost() == 1);
}

}  // namespace ringway::control
