// Key files: who may read them, and what they may look like. Modes are set here, since version control
// does not keep them.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "config/base64.h"
#include "config/load.h"

namespace {

using namespace ringway::config;

constexpr std::string_view kKey = "zzMZI1VDYPHPNFtaR6qB1LwJSSeysmDmcE9xEKj2tlQ=";

/// A folder of this test's own, removed at its end.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "ringway-config-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    void write(const std::string& name, std::string_view content, mode_t mode) const {
        const auto file = path_ / name;
        std::ofstream(file) << content;
        REQUIRE(chmod(file.c_str(), mode) == 0);
    }

  private:
    std::filesystem::path path_;
};

LoadResult load_with_key_file(const TemporaryFolder& folder, const std::string& name,
                              const LoadOptions& options = {}) {
    const std::string text =
        "ports: [{name: wan, device: net_memif0}]\n"
        "tunnels: [{name: wg0, listen_port: 1, private_key_file: " +
        name + "}]\n";
    return load_text(text, folder.path() / "ringway.yaml", options);
}

/// Not for use inside CHECK, which would swallow the REQUIREs.
Problem only_problem(const LoadResult& result) {
    REQUIRE_FALSE(result);
    REQUIRE(result.error().size() == 1);
    return result.error()[0];
}

}  // namespace

TEST_CASE("a key file that only its owner can read is taken") {
    const TemporaryFolder folder;
    for (const mode_t mode : {0600U, 0400U, 0700U}) {
        CAPTURE(mode);
        folder.write("key", kKey, mode);
        const auto result = load_with_key_file(folder, "key");
        REQUIRE(result);
        CHECK(base64_encode(result->tunnels[0].private_key.bytes()) == kKey);
        std::filesystem::remove(folder.path() / "key");
    }
}

TEST_CASE("a key file open to group or others is refused, at the line that names it") {
    const TemporaryFolder folder;
    for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0601U}) {
        CAPTURE(mode);
        folder.write("key", kKey, mode);
        const auto result = load_with_key_file(folder, "key");
        const Problem problem = only_problem(result);
        CHECK(problem.text.find("open to group or others") != std::string::npos);
        CHECK(problem.line == 2);
        CHECK(problem.column == 57);
    }
}

TEST_CASE("insecure_key_files takes a key file that others can read") {
    const TemporaryFolder folder;
    folder.write("key", kKey, 0644);
    CHECK(load_with_key_file(folder, "key", {.insecure_key_files = true}));
}

TEST_CASE("white space around the key in a file is no part of it") {
    const TemporaryFolder folder;
    folder.write("key", " \t" + std::string(kKey) + "\r\n\n", 0600);
    CHECK(load_with_key_file(folder, "key"));
}

TEST_CASE("a pipe is refused without waiting for a writer") {
    const TemporaryFolder folder;
    REQUIRE(mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    const Problem problem = only_problem(load_with_key_file(folder, "pipe"));
    CHECK(problem.text.find("not a regular file") != std::string::npos);
}

TEST_CASE("a key file's name is relative to the configuration's folder, or absolute") {
    const TemporaryFolder folder;
    folder.write("key", kKey, 0600);
    CHECK(load_with_key_file(folder, "./key"));
    CHECK(load_with_key_file(folder, (folder.path() / "key").string()));
}

TEST_CASE("token and TLS key files are held to the same modes, certificates are not") {
    const TemporaryFolder folder;
    for (const char* name : {"token", "key", "certificate"})
        folder.write(name, "content", 0644);
    const auto result = load_text(
        "ports: [{name: wan, device: net_memif0}]\n"
        "rest: {token_file: token, tls: {certificate: certificate, key: key}}\n",
        folder.path() / "ringway.yaml", {});
    REQUIRE_FALSE(result);
    REQUIRE(result.error().size() == 2);
    CHECK(result.error()[0].text.starts_with("token_file: "));
    CHECK(result.error()[1].text.starts_with("key: "));
}

TEST_CASE("a configuration that can't be read is one problem of that file") {
    const Problem problem = only_problem(load_file("/nonexistent/ringway.yaml"));
    CHECK(problem.text.find("can't be read") != std::string::npos);
    CHECK(problem.file == "/nonexistent/ringway.yaml");
}
