#include "control/host/privileges.h"

#include <dirent.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "control/thread_signals.h"

namespace ringway::control::host {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::chrono::milliseconds kPause{1};

/// A set of capabilities, one bit each.
using Capabilities = std::uint64_t;

constexpr Capabilities bit(unsigned capability) {
    return Capabilities{1} << capability;
}

struct Held {
    Capabilities effective = 0;
    Capabilities permitted = 0;
};

/// By a thread, 0 being the calling one; nothing if there is no such thread.
Held held_by(pid_t thread) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = thread};
    std::array<__user_cap_data_struct, 2> halves{};
    if (syscall(SYS_capget, &header, halves.data()) != 0) return {};
    return {.effective = halves[0].effective | Capabilities{halves[1].effective} << 32U,
            .permitted = halves[0].permitted | Capabilities{halves[1].permitted} << 32U};
}

/// Of the calling thread. Nothing but system calls, since it runs in a signal's handler.
void keep_only(Capabilities kept) {
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        if ((kept & bit(capability)) == 0) (void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    const Capabilities left = held_by(0).permitted & kept;
    const auto low = static_cast<std::uint32_t>(left);
    const auto high = static_cast<std::uint32_t>(left >> 32U);
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    const std::array<__user_cap_data_struct, 2> wanted{
        {{.effective = low, .permitted = low, .inheritable = 0},
         {.effective = high, .permitted = high, .inheritable = 0}}};
    (void)syscall(SYS_capset, &header, wanted.data());
}

void on_privilege_signal(int /*signal*/, siginfo_t* info, void* /*context*/) {
    const int error = errno;
    if (info->si_code == SI_QUEUE && info->si_pid == getpid())
        keep_only(reinterpret_cast<Capabilities>(info->si_value.sival_ptr));
    errno = error;
}

std::vector<pid_t> threads() {
    std::vector<pid_t> all;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), closedir);
    if (!folder) return all;
    while (const dirent* entry = readdir(folder.get())) {
        const std::string_view name = entry->d_name;
        pid_t thread = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), thread).ec == std::errc{})
            all.push_back(thread);
    }
    return all;
}

void tell(pid_t thread, Capabilities kept) {
    siginfo_t info{};
    info.si_signo = privilege_signal();
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    static_assert(sizeof(kept) == sizeof(void*));
    info.si_value.sival_ptr = reinterpret_cast<void*>(kept);
    (void)syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, info.si_signo, &info);
}

/// Until all threads have obeyed, ours and those just made among them. One that has not, or nothing.
std::optional<pid_t> tell_all(Capabilities kept) {
    const auto deadline = steady_clock::now() + kPatience;
    std::vector<pid_t> told;
    while (true) {
        std::optional<pid_t> missing;
        for (const pid_t thread : threads()) {
            if ((held_by(thread).permitted & ~kept) == 0) continue;
            missing = thread;
            if (std::find(told.begin(), told.end(), thread) != told.end()) continue;
            told.push_back(thread);
            tell(thread, kept);
        }
        if (!missing || steady_clock::now() > deadline) return missing;
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace

Result<void> check_privileges() {
    const Held held = held_by(0);
    for (const auto& [capability, name] :
         {std::pair{CAP_NET_ADMIN, "CAP_NET_ADMIN"}, {CAP_NET_RAW, "CAP_NET_RAW"}}) {
        if ((held.effective & bit(capability)) != 0) continue;
        return tl::unexpected(
            HostError{"run a gateway", EPERM, std::string("needs ") + name + ": start it as root"});
    }
    return {};
}

bool is_of_others(const std::filesystem::path& file) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(file, error);
    const auto owned = [](const std::filesystem::path& path) {
        struct stat status {};
        return ::stat(path.c_str(), &status) != 0 || status.st_uid == geteuid();
    };
    return !owned(real) || !owned(real.parent_path());
}

Result<void> drop_privileges(const LaterNeeds& needs) {
    Capabilities kept = bit(CAP_NET_ADMIN) | bit(CAP_NET_BIND_SERVICE);
    if (needs.other_namespaces) kept |= bit(CAP_SYS_ADMIN);
    if (needs.files_of_others) kept |= bit(CAP_DAC_OVERRIDE) | bit(CAP_CHOWN) | bit(CAP_FOWNER);

    struct sigaction action {};
    action.sa_sigaction = on_privilege_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&action.sa_mask);
    if (sigaction(privilege_signal(), &action, nullptr) != 0) return failure(errno, "drop privileges");
    const std::optional<pid_t> missing = tell_all(kept);
    (void)std::signal(privilege_signal(), SIG_IGN);
    if (missing)
        return tl::unexpected(
            HostError{"drop privileges", ETIMEDOUT, fmt::format("thread {} keeps its own", *missing)});
    return {};
}

}  // namespace ringway::control::host
