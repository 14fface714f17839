#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "dataplane/endpoint.h"

namespace ringway::dataplane {

/// A peer's endpoint under a sequence lock. Writers (the peer's tx lcore when the peer roams, the
/// control side) exclude each other with the sequence's lowest bit; an lcore that finds it taken
/// gives up, for the next packet brings the same news. Readers copy and check.
///
/// What is copied while it may be written are atomic words, stored (release) behind the odd sequence
/// and loaded (acquire) before the sequence is looked at again: on x86 plain moves, and no fences,
/// which the thread sanitizer doesn't know.
class EndpointLock {
  public:
    EndpointLock() { store(Endpoint{}); }

    /// The endpoint and the even sequence number it was read at. False if a writer is in the middle of
    /// it: an lcore then goes by what it knew. Any thread.
    [[nodiscard]] bool try_read(Endpoint& out, std::uint32_t& sequence) const {
        sequence = sequence_.load(std::memory_order_acquire);
        if ((sequence & 1U) != 0) return false;
        out = load();
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
        store(endpoint);
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
    static constexpr std::size_t kWords = sizeof(Endpoint) / sizeof(std::uint64_t);
    using Words = std::array<std::uint64_t, kWords>;
    static_assert(sizeof(Endpoint) == sizeof(Words));

    [[nodiscard]] Endpoint load() const {
        Words words;
        for (std::size_t i = 0; i < kWords; ++i)
            words[i] = words_[i].load(std::memory_order_acquire);
        return std::bit_cast<Endpoint>(words);
    }
    void store(const Endpoint& endpoint) {
        const auto words = std::bit_cast<Words>(endpoint);
        for (std::size_t i = 0; i < kWords; ++i)
            words_[i].store(words[i], std::memory_order_release);
    }

    std::atomic<std::uint32_t> sequence_{0};
    std::array<std::atomic<std::uint64_t>, kWords> words_;
};

}  // namespace ringway::dataplane
