#include "dataplane/reclaim.h"

#include <cassert>
#include <new>
#include <thread>
#include <utility>

namespace ringway::dataplane {

Rcu::Rcu(unsigned max_readers) {
    const std::size_t bytes = rte_rcu_qsbr_get_memsize(max_readers);
    state_.reset(static_cast<rte_rcu_qsbr*>(std::aligned_alloc(alignof(rte_rcu_qsbr), bytes)));
    if (!state_) throw std::bad_alloc();
    [[maybe_unused]] const int status = rte_rcu_qsbr_init(state_.get(), max_readers);
    assert(status == 0);
}

void Rcu::register_reader(unsigned reader) {
    [[maybe_unused]] const int status = rte_rcu_qsbr_thread_register(state_.get(), reader);
    assert(status == 0);
}

void Rcu::unregister_reader(unsigned reader) {
    offline(reader);
    [[maybe_unused]] const int status = rte_rcu_qsbr_thread_unregister(state_.get(), reader);
    assert(status == 0);
}

Reclaimer::~Reclaimer() {
    while (!waiting_.empty())
        free_first();
}

void Reclaimer::defer(std::function<void()> free) {
    waiting_.push_back({rcu_.start(), std::move(free)});
}

void Reclaimer::poll() {
    while (!waiting_.empty() && rcu_.passed(waiting_.front().token))
        free_first();
}

void Reclaimer::drain() {
    for (poll(); !waiting_.empty(); poll())
        std::this_thread::yield();
}

// Taken off the queue before it runs, since it may defer again.
void Reclaimer::free_first() {
    const std::function<void()> free = std::move(waiting_.front().free);
    waiting_.pop_front();
    free();
}

}  // namespace ringway::dataplane
