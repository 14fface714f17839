#pragma once

#include <vector>

#include "dataplane/clock.h"
#include "tools/load/counts.h"
#include "tools/load/every.h"
#include "tools/load/inner_check.h"
#include "tools/load/latency_histogram.h"
#include "tools/load/sequence_tracker.h"

namespace ringway::load {

using dataplane::Nanoseconds;

class CipherSource;

/// Takes what comes in plain, as a rule what the gateway has opened: every packet's flow, number and latency,
/// and every k-th byte by byte. One thread; never allocates.
class PlainSink {
  public:
    /// `source` knows when its packets were sent; null: they say so themselves. All must outlive it.
    PlainSink(const Flows& flows, const InnerCheck& check, const CipherSource* source,
              DirectionCounts& counts, LatencyHistogram& latency, std::uint32_t check_every);

    /// REQUIRES: InnerCheck::is_ours(udp).
    void take(const UdpView& udp, Nanoseconds now);

  private:
    InnerCheck check_;
    const CipherSource* source_;
    DirectionCounts& counts_;
    LatencyHistogram& latency_;
    Every check_this_;
    std::vector<SequenceTracker> flows_;
};

}  // namespace ringway::load
