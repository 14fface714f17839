#pragma once

#include <rte_mbuf.h>

#include <array>
#include <vector>

#include "crypto/aead_burst.h"
#include "tools/load/counts.h"
#include "tools/load/every.h"
#include "tools/load/handshaker.h"
#include "tools/load/inner_check.h"
#include "tools/load/latency_histogram.h"
#include "tools/load/peers.h"
#include "tools/load/size_mix.h"

namespace ringway::load {

/// Takes the transport messages that the gateway has sealed. Each one's counter tells order, loss and
/// duplicates; every k-th is opened and compared. One thread; never allocates.
class CipherSink {
  public:
    /// All must outlive it.
    CipherSink(const Flows& flows, const InnerCheck& check, Peers& peers, Handshaker& handshaker,
               DirectionCounts& counts, LatencyHistogram& latency, std::uint32_t check_every);

    enum class Taken : std::uint8_t { data, keepalive, foreign };
    /// `message`, in `frame`, is a whole message of type 4. If `kept` comes back true, the frame is ours
    /// until finish().
    Taken take(rte_mbuf* frame, std::uint8_t* message, std::size_t bytes, Nanoseconds now, bool& kept);
    /// Opens what was kept, and frees it. Before any session changes.
    void finish(Nanoseconds now);

  private:
    static constexpr std::size_t kBatch = 64;

    void compare(const crypto::AeadOperation& opened, bool overtaken, Nanoseconds now);

    InnerCheck check_;
    Peers& peers_;
    Handshaker& handshaker_;
    DirectionCounts& counts_;
    LatencyHistogram& latency_;
    Every check_this_;
    std::vector<SequenceTracker> flows_;
    crypto::AeadBurst aead_;
    std::array<rte_mbuf*, kBatch> frames_{};
    std::array<crypto::AeadOperation, kBatch> operations_{};
    std::array<bool, kBatch> overtaken_{};  ///< counted as reordered by their counter
    std::size_t kept_ = 0;
};

}  // namespace ringway::load
