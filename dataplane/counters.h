#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/drop_reason.h"

namespace ringway::dataplane {

/// A count with one writer and any number of readers: a plain add for the writer, never torn for
/// the others.
class Counter {
  public:
    void add(std::uint64_t n = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down, with one writer and any number of readers. A copy is a new one.
class Gauge {
  public:
    Gauge() = default;
    Gauge(const Gauge& other) : value_(other.get()) {}
    Gauge& operator=(const Gauge&) = delete;

    void set(std::size_t value) { value_.store(value, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t get() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::size_t> value_{0};
};

/// The stages of an lcore, in the order in which it polls them.
enum class Stage : std::uint8_t { rx, crypto, tx };
inline constexpr std::size_t kStages = 3;
inline constexpr std::array<std::string_view, kStages> kStageNames = {"rx", "crypto", "tx"};

/// What one thread has seen enter and leave. The sum over all threads obeys
///   in + from_host + made_here = out + to_host + consumed + drops + in_flight
/// (architecture.md, Accounting; split and merged join with segmentation and coalescing).
struct alignas(64) Counters {
    Counter in;         ///< received from ports
    Counter from_host;  ///< read from host interfaces
    Counter made_here;  ///< keepalives, handshake and in-band messages that we sent
    Counter out;        ///< accepted by ports
    Counter to_host;    ///< written to host interfaces
    Counter consumed;   ///< keepalives, handshake and in-band messages that ended here as they should
    std::array<Counter, kDropReasons> drops;

    // What the batching achieves (P6).
    Counter aead_calls;
    Counter aead_packets;
    Counter bundles;
    Counter ring_operations;  ///< on the crypto and ready rings, each for one bundle or many (P5)
    // An lcore's turns, and the TSC cycles that each of its stages spent in turns where it found work.
    Counter polls;
    Counter busy_polls;
    std::array<Counter, kStages> stage_cycles;

    void drop(DropReason reason, std::uint64_t n = 1) { drops[static_cast<std::size_t>(reason)].add(n); }
};

}  // namespace ringway::dataplane
