#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace ringway::dataplane {

/// Free huge pages of the default size, in MiB.
[[nodiscard]] std::size_t free_hugepage_mib();

/// Memory that can be had without swapping, in MiB.
[[nodiscard]] std::size_t available_mib();

/// Where huge pages of the default size are mounted for all to share, if they are.
[[nodiscard]] std::optional<std::filesystem::path> hugepage_mount();

/// Where DPDK keeps the sockets of its processes, one folder for each prefix: as EAL finds it.
[[nodiscard]] std::filesystem::path dpdk_runtime_directory();

/// DPDK's usual prefix, "rte", by which its tools look for a process; another if a live process that shares
/// its memory has that already. `name`: what tells ours from others then.
[[nodiscard]] std::string choose_prefix(const std::string& name);

/// Gives back the huge pages that files of this prefix hold and that no process has mapped.
void remove_stale_hugepage_files(const std::filesystem::path& mount, const std::string& prefix);

}  // namespace ringway::dataplane
