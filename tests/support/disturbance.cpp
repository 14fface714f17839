#include "tests/support/disturbance.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <utility>

#include "dataplane/eal.h"

namespace ringway::tests {

/// What the signals' handlers do; all of it may be done in a handler.
struct HoldHandler {
    static void nap(int, siginfo_t* info, void*) {
        const int before = errno;
        const timespec time{.tv_sec = 0, .tv_nsec = info->si_value.sival_int};
        nanosleep(&time, nullptr);
        errno = before;
    }
    static void hold(int, siginfo_t* info, void*) {
        const int before = errno;
        auto& held = *static_cast<HeldThread*>(info->si_value.sival_ptr);
        held.stands_.store(true);
        char byte = 0;
        while (read(held.go_on_[0], &byte, 1) < 0 && errno == EINTR) {
        }
        held.goes_.store(true);
        errno = before;
    }
};

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kLongestNap = 3'000'000;    ///< ns
constexpr std::uint32_t kLongestPause = 2'000'000;  ///< between two disturbances, ns

int nap_signal() {
    return SIGRTMIN;
}
int hold_signal() {
    return SIGRTMIN + 1;
}

/// The handlers stay: a signal may be on its way for as long as its thread gets no CPU.
void install(int number, void (*handler)(int, siginfo_t*, void*)) {
    struct sigaction action = {};
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    if (sigaction(number, &action, nullptr) != 0) throw std::runtime_error("sigaction failed");
}

void send(pid_t thread, int number, sigval value) {
    siginfo_t info = {};
    info.si_signo = number;
    info.si_code = SI_QUEUE;
    info.si_value = value;
    if (syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, number, &info) != 0)
        throw std::runtime_error("a thread can't be signalled");
}

void set_policy(pid_t thread, int policy) {
    const sched_param none{};
    (void)sched_setscheduler(thread, policy, &none);
}

void set_cpus(pid_t thread, const std::vector<unsigned>& cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const unsigned cpu : cpus)
        CPU_SET(cpu, &set);
    (void)sched_setaffinity(thread, sizeof(set), &set);
}

}  // namespace

Disturbance::Disturbance(std::vector<pid_t> threads, std::uint64_t seed)
    : threads_(std::move(threads)), cpus_(dataplane::allowed_cpus()), random_(seed) {
    install(nap_signal(), HoldHandler::nap);
    thread_ = std::thread([this] { run(); });
}

Disturbance::~Disturbance() {
    stop_.store(true);
    thread_.join();
    for (const pid_t thread : threads_) {
        set_policy(thread, SCHED_OTHER);
        set_cpus(thread, cpus_);
    }
}

void Disturbance::run() {
    while (!stop_.load(std::memory_order_relaxed)) {
        disturb(threads_[random_.below(static_cast<std::uint32_t>(threads_.size()))]);
        count_.fetch_add(1, std::memory_order_relaxed);
        pause();
    }
}

void Disturbance::pause() {
    std::this_thread::sleep_for(std::chrono::nanoseconds(random_.below(kLongestPause)));
}

void Disturbance::disturb(pid_t thread) {
    switch (random_.below(6)) {
        case 0:
        case 1:
            // One at a time: on a machine that is busy with other things it may get nothing.
            set_policy(thread, SCHED_IDLE);
            pause();
            set_policy(thread, SCHED_OTHER);
            break;
        case 2:
            set_cpus(thread, {cpus_[random_.below(static_cast<std::uint32_t>(cpus_.size()))]});
            break;
        case 3:
            set_cpus(thread, cpus_);
            break;
        default:
            send(thread, nap_signal(), {.sival_int = static_cast<int>(random_.below(kLongestNap))});
    }
}

HeldThread::HeldThread(pid_t thread) {
    if (pipe(go_on_) != 0) throw std::runtime_error("pipe failed");
    install(hold_signal(), HoldHandler::hold);
    send(thread, hold_signal(), {.sival_ptr = this});
    while (!stands_.load())
        std::this_thread::yield();
}

HeldThread::~HeldThread() {
    const char byte = 0;
    (void)!write(go_on_[1], &byte, 1);
    while (!goes_.load())
        std::this_thread::yield();
    close(go_on_[0]);
    close(go_on_[1]);
}

}  // namespace ringway::tests
