#pragma once

#include <signal.h>

namespace ringway::control {

/// The signal by which all threads are told to give up their privileges: see host::drop_privileges().
[[nodiscard]] inline int privilege_signal() {
    return SIGRTMIN;
}

/// For a thread's beginning: signals are the control thread's. A reader that is gone is an error of
/// write() then, and a terminal that another job has is one of read().
inline void block_signals() {
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, privilege_signal());
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace ringway::control
