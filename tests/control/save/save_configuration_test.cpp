#include "control/save/save_configuration.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "tests/support/temporary_directory.h"

namespace ringway::control {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kText =
    "ports: [{name: wan, device: net_memif0}]\n"
    "tunnels:\n"
    "  - name: wg0\n"
    "    private_key_file: wg0.key  # not here\n"
    "    listen_port: 51820\n"
    "    peers:\n"
    "      - public_key: QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n";

std::string read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, std::string_view text, mode_t mode) {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
}

unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
}

/// A configuration file, what was loaded from it and what runs.
struct Scene {
    Scene() {
        write(directory.path() / "wg0.key", "zzMZI1VDYPHPNFtaR6qB1LwJSSeysmDmcE9xEKj2tlQ=\n", 0600);
        write(path, kText, 0644);
        auto configuration = std::move(config::load_file(path).value());
        digest = configuration.digest;
        running.tunnels = std::move(configuration.tunnels);
    }
    [[nodiscard]] tl::expected<SaveOutcome, std::string> save() {
        return save_configuration(path, running, {}, &digest);
    }

    tests::TemporaryDirectory directory;
    fs::path path = directory.path() / "ringway.yaml";
    config::Running running;
    config::TextDigest digest;
};

}  // namespace

TEST_CASE("what runs comes into the file, whose mode stays") {
    Scene scene;
    scene.running.tunnels.front().peers.front().name = "alice";
    const auto saved = scene.save();
    REQUIRE(saved.has_value());
    CHECK(saved->lines.added == 1);
    CHECK(saved->lines.removed == 0);
    CHECK_FALSE(saved->holds_secrets);
    CHECK_FALSE(saved->made_private);
    CHECK(read(scene.path) == std::string(kText) + "        name: alice\n");
    CHECK(mode_of(scene.path) == 0644);
    CHECK(saved->digest == config::load_file(scene.path)->digest);
}

TEST_CASE("a file that means what runs is not written") {
    Scene scene;
    struct stat before {};
    struct stat after {};
    REQUIRE(::stat(scene.path.c_str(), &before) == 0);
    const auto saved = scene.save();
    REQUIRE(saved.has_value());
    CHECK(saved->lines.added + saved->lines.removed == 0);
    CHECK(saved->digest == scene.digest);
    REQUIRE(::stat(scene.path.c_str(), &after) == 0);
    CHECK(before.st_ino == after.st_ino);
}

TEST_CASE("a file that changed on disk is left alone, unless what runs shall win") {
    Scene scene;
    scene.running.tunnels.front().peers.front().name = "alice";
    const std::string edited = "# by hand\n" + std::string(kText);
    write(scene.path, edited, 0644);
    const auto refused = scene.save();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().find("changed on disk since it was loaded") != std::string::npos);
    CHECK(read(scene.path) == edited);
    REQUIRE(save_configuration(scene.path, scene.running, {}, nullptr).has_value());
    CHECK(read(scene.path) == edited + "        name: alice\n");
}

TEST_CASE("a file that gets a key is closed to others, and says so") {
    Scene scene;
    scene.running.tunnels.front().private_key =
        config::SecretKey(scene.running.tunnels.front().peers.front().public_key.bytes);
    const auto saved = scene.save();
    REQUIRE(saved.has_value());
    CHECK(saved->holds_secrets);
    CHECK(saved->made_private);
    CHECK(mode_of(scene.path) == 0600);
    // Further changes leave the mode to whoever set it.
    ::chmod(scene.path.c_str(), 0640);
    scene.digest = saved->digest;
    scene.running.tunnels.front().listen_port = 1;
    const auto again = scene.save();
    REQUIRE(again.has_value());
    CHECK(again->holds_secrets);
    CHECK_FALSE(again->made_private);
    CHECK(mode_of(scene.path) == 0640);
}

TEST_CASE("what can't be saved is an error, and the file stays") {
    Scene scene;
    scene.running.tunnels.front().peers.emplace_back();  // a key of low order
    const auto refused = scene.save();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().find("low order") != std::string::npos);
    CHECK(refused.error().find('\n') == std::string::npos);
    CHECK(read(scene.path) == kText);
    CHECK_FALSE(save_configuration(scene.directory.path() / "none.yaml", scene.running, {}, nullptr));
    CHECK_FALSE(save_configuration("/dev/null", scene.running, {}, nullptr));
}

}  // namespace ringway::control
