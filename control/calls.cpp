#include "control/calls.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace ringway::control {

namespace {

constexpr std::size_t kBatch = 16;

}  // namespace

Calls::Calls() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) {
    if (!event_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Calls::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) throw GatewayStopping();
        waiting_.push_back(std::move(work));
    }
    const std::uint64_t one = 1;
    (void)!write(event_.get(), &one, sizeof(one));
}

void Calls::serve() {
    for (std::size_t i = 0; i < kBatch; ++i) {
        std::uint64_t one = 0;
        if (read(event_.get(), &one, sizeof(one)) != static_cast<ssize_t>(sizeof(one))) return;
        std::function<void()> work;
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.empty()) return;
            work = std::move(waiting_.front());
            waiting_.pop_front();
        }
        work();
    }
}

void Calls::close() {
    std::deque<std::function<void()>> undone;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    undone.swap(waiting_);
}

}  // namespace ringway::control
