#pragma once

// A Load on one side and a TestGateway on the other, wired together in memory and in virtual time. The world
// turns a little whenever the load looks at its clock, so that its own loops run as they are.

#include <array>
#include <functional>
#include <map>
#include <memory>

#include "tests/support/manual_clock.h"
#include "tests/support/test_gateway.h"
#include "tools/load/load.h"
#include "tools/load/trial.h"

namespace ringway::tests {

/// What a wire does with a frame. `late`: it comes behind the next one.
enum class Fate : std::uint8_t { pass, drop, twice, late };

/// One direction of one cable.
enum class Wire : std::uint8_t { to_wan, from_wan, to_lan, from_lan };

class Lab final : public dataplane::Clock {
  public:
    struct Options {
        std::uint32_t peers = 3;
        std::uint32_t flows_per_peer = 2;
        std::string sizes = "64,594";
        Family outer = Family::v4;
        Family inner = Family::v4;
        bool preshared_keys = false;
        bool initiates = true;
        bool bare = false;  ///< a cable instead of the gateway, from the plain to the cipher device
        std::uint32_t check_every = 1;
        unsigned tx_ring = 1024;  ///< of the plain device
        std::size_t stock_bytes = std::size_t{1} << 20;
    };

    explicit Lab(const Options& options);
    ~Lab() override;

    [[nodiscard]] load::Load& load() { return *load_; }
    [[nodiscard]] TestGateway& gateway() { return gateway_; }
    /// Asked for each frame, which it may change.
    void set_fate(std::function<Fate(Wire, Bytes&)> fate) { fate_ = std::move(fate); }

    /// Polls the load until all peers have sessions. False if that takes too long.
    [[nodiscard]] bool connect();
    /// Polls the load for so long.
    void run(std::chrono::nanoseconds time);
    /// Time passes, and nobody does anything.
    void leap(std::chrono::nanoseconds time) { clock_.advance(time); }
    [[nodiscard]] std::map<load::Direction, load::DirectionResult> trial(
        const std::vector<load::Direction>& directions, double rate, std::uint32_t outstanding,
        std::chrono::nanoseconds duration);

    /// Allocations that were the laboratory's own, in programs that count them.
    [[nodiscard]] std::size_t allocations() const { return allocations_; }
    void set_allocation_count(std::size_t (*count)()) { count_allocations_ = count; }

    /// The time; and the world turns.
    [[nodiscard]] dataplane::Nanoseconds now() const override;

  private:
    void turn();
    void carry(Wire wire, Bytes frame);
    void deliver(Wire wire, const Bytes& frame);
    void carry_sent(Wire wire, RingDevice& device);

    Options options_;
    ManualClock clock_;
    SeededRandom random_{7};
    TestGateway gateway_;
    RingDevice cipher_;
    RingDevice plain_;
    load::Pool frames_;
    std::function<Fate(Wire, Bytes&)> fate_;
    std::unique_ptr<load::Load> load_;
    std::array<Bytes, 4> held_;  ///< by wire: late ones
    bool turning_ = false;
    std::size_t (*count_allocations_)() = [] { return std::size_t{0}; };
    std::size_t allocations_ = 0;
};

}  // namespace ringway::tests
