#include "dataplane/eal_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

namespace ringway::dataplane {
namespace {

constexpr const char* kUsualPrefix = "rte";

/// A value of /proc/meminfo, in its own unit; 0 if it has none of that name.
std::size_t meminfo(const std::string& wanted) {
    std::ifstream file("/proc/meminfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(wanted + ":")) return std::stoul(line.substr(wanted.size() + 1));
    }
    return 0;
}

/// The page size of a hugetlbfs mount in KiB, from "pagesize=2M"; 0 if it can't be told.
std::size_t page_kib(const std::string& options) {
    const auto at = options.find("pagesize=");
    if (at == std::string::npos) return 0;
    std::istringstream text(options.substr(at + std::string_view("pagesize=").size()));
    std::size_t size = 0;
    char unit = 'K';
    text >> size >> unit;
    return unit == 'G' ? size << 20U : unit == 'M' ? size << 10U : size;
}

/// Whether a DPDK process that others can attach to runs under that prefix: it locks its configuration.
bool is_taken(const std::string& prefix) {
    const std::string file = dpdk_runtime_directory() / prefix / "config";
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const bool known = fcntl(fd, F_GETLK, &lock) == 0;
    close(fd);
    return known && lock.l_type != F_UNLCK;
}

}  // namespace

std::size_t free_hugepage_mib() {
    return meminfo("HugePages_Free") * meminfo("Hugepagesize") / 1024;
}

std::size_t available_mib() {
    return meminfo("MemAvailable") / 1024;
}

std::optional<std::filesystem::path> hugepage_mount() {
    std::ifstream mounts("/proc/mounts");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string device;
        std::string path;
        std::string type;
        std::string options;
        fields >> device >> path >> type >> options;
        if (type == "hugetlbfs" && page_kib(options) == meminfo("Hugepagesize")) return path;
    }
    return std::nullopt;
}

std::filesystem::path dpdk_runtime_directory() {
    const auto variable = [](const char* name, const char* otherwise) {
        const char* value = std::getenv(name);
        return std::filesystem::path(value != nullptr ? value : otherwise);
    };
    const auto base = variable("RUNTIME_DIRECTORY",
                               geteuid() == 0 ? "/var/run" : variable("XDG_RUNTIME_DIR", "/tmp").c_str());
    return base / "dpdk";
}

std::string choose_prefix(const std::string& name) {
    return is_taken(kUsualPrefix) ? "ringway-" + name : kUsualPrefix;
}

void remove_stale_hugepage_files(const std::filesystem::path& mount, const std::string& prefix) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(mount, error)) {
        if (!entry.path().filename().string().starts_with(prefix + "map_")) continue;
        const int fd = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        // EAL holds a shared lock on what it has mapped.
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) std::filesystem::remove(entry.path(), error);
        close(fd);
    }
}

}  // namespace ringway::dataplane
