#include "control/rest/workers.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "control/rest/wiped.h"

namespace ringway::control::rest {

Workers::Workers(const Http::Handler& handler, std::size_t threads)
    : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
    try {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.emplace_back([this, handler] { work(handler); });
    } catch (...) {
        end();  // those that were made
        throw;
    }
}

Workers::~Workers() {
    end();
}

void Workers::end() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        jobs_.clear();
    }
    more_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void Workers::hand(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    more_.notify_one();
}

std::vector<Workers::Done> Workers::take_done() {
    std::uint64_t count = 0;
    (void)!read(event_.get(), &count, sizeof(count));
    const std::lock_guard lock(mutex_);
    return std::exchange(done_, {});
}

void Workers::work(const Http::Handler& handler) {
    Http http(handler);
    std::unique_lock lock(mutex_);
    while (true) {
        more_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
        if (stop_) return;
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        Done done{job.connection, http.reply(job.request, job.has_client_certificate)};
        wipe_stack();
        lock.lock();
        done_.push_back(std::move(done));
        const std::uint64_t one = 1;
        (void)!write(event_.get(), &one, sizeof(one));
    }
}

}  // namespace ringway::control::rest
