#pragma once

#include <atomic>
#include <cstdint>

#include "dataplane/endpoint.h"

namespace ringway::dataplane {

/// A peer's endpoint under a sequence lock. Writers (the peer's tx lcore when the peer roams, the
/// control side) exclude each other with the sequence's lowest bit; an lcore that finds it taken
/// gives up, for the next packet brings the same news. Readers copy and check.
class EndpointLock {
  public:
    /// The endpoint and the even sequence number it was read at. False if a writer is in the middle of
    /// it: an lcore then goes by what it knew. Any thread.
    [[nodiscard]] bool try_read(Endpoint& out, std::uint32_t& sequence) const {
        sequence = sequence_.load(std::memory_order_acquire);
        if ((sequence & 1U) != 0) return false;
        out = endpoint_;
        std::atomic_thread_fence(std::memory_order_acquire);
        return sequence_.load(std::memory_order_relaxed) == sequence;
    }

    /// Control side only: waits out a writer, who needs a few instructions.
    [[nodiscard]] Endpoint read() const {
        Endpoint out;
        std::uint32_t sequence = 0;
        while (!try_read(out, sequence)) {
        }
        return out;
    }

    [[nodiscard]] std::uint32_t sequence() const { return sequence_.load(std::memory_order_acquire); }

    /// Also gives the sequence number under which the endpoint can be read. False if another writer is
    /// in the middle of it.
    [[nodiscard]] bool try_write(const Endpoint& endpoint, std::uint32_t& sequence) {
        std::uint32_t before = sequence_.load(std::memory_order_relaxed);
        if ((before & 1U) != 0) return false;
        if (!sequence_.compare_exchange_strong(before, before + 1, std::memory_order_acquire)) return false;
        std::atomic_thread_fence(std::memory_order_release);
        endpoint_ = endpoint;
        sequence = before + 2;
        sequence_.store(sequence, std::memory_order_release);
        return true;
    }

    /// Control side only: an lcore writer finishes in a few instructions.
    void write(const Endpoint& endpoint) {
        std::uint32_t sequence = 0;
        while (!try_write(endpoint, sequence)) {
        }
    }

  private:
    std::atomic<std::uint32_t> sequence_{0};
    Endpoint endpoint_;
};

}  // namespace ringway::dataplane
