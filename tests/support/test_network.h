#pragma once

// Gateways on one wire, in virtual time.

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "tests/support/manual_clock.h"
#include "tests/support/test_gateway.h"

namespace ringway::tests {

/// A frame seen on the wire, before any tap had its way with it.
struct Captured {
    dataplane::Nanoseconds at;
    unsigned from;  ///< the gateway's number
    Bytes frame;
};

/// Gateways whose kWan ports share a wire. Frames go to the gateway that has the destination address.
class TestNetwork {
  public:
    /// What becomes of a frame on the wire: any frames, in place of it. Loses, repeats, changes,
    /// holds back or invents. `from` is the sender's number.
    using Tap = std::function<std::vector<Bytes>(unsigned from, Bytes frame)>;

    TestGateway& add(const GatewayOptions& options = {});
    /// Makes two gateways each other's peers.
    static void join(TestGateway& one, TestGateway& other, const PeerOptions& options = {});

    void set_tap(Tap tap) { tap_ = std::move(tap); }
    /// From now on every frame on the wire is kept.
    void start_capture() {
        capturing_ = true;
        captured_.clear();
    }
    [[nodiscard]] const std::vector<Captured>& captured() const { return captured_; }

    /// Moves what the gateways have sent. How many frames.
    std::size_t move_frames();
    /// The same of one gateway, `most` frames.
    std::size_t move_frames(TestGateway& from, std::size_t most = ~std::size_t{0});
    /// One step of every gateway and of the wire. True if anything moved.
    bool step();
    /// Steps until nothing moves. Throws std::runtime_error if that never comes.
    void settle();
    /// Lets time pass, from deadline to deadline, settling at each.
    void pass(std::chrono::nanoseconds time);

    [[nodiscard]] ManualClock& clock() { return clock_; }
    [[nodiscard]] bool accounts_balance() const;
    /// What the gateways dropped, by name; empty when nothing.
    [[nodiscard]] std::string drop_names() const;

  private:
    void deliver(const Bytes& frame);

    ManualClock clock_;
    std::vector<std::unique_ptr<TestGateway>> gateways_;
    Tap tap_;
    bool capturing_ = false;
    std::vector<Captured> captured_;
};

}  // namespace ringway::tests
