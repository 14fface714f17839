#pragma once

#include <vector>

#include "tools/load/flows.h"
#include "tools/load/inner_headers.h"
#include "tools/load/size_mix.h"
#include "tools/load/source.h"

namespace ringway::load {

/// Plain packets to the peers: made as they are sent, numbered by flow, stamped with their time.
class PlainSource final : public Source {
  public:
    /// `name` tells its pool from others. `mtu` is the port's. REQUIRES: the smallest size has room for
    /// headers and stamp.
    PlainSource(const std::string& name, Link& link, DirectionCounts& counts, const Flows& flows,
                const InnerHeaders& headers, const SizeMix& sizes, std::uint16_t mtu);
    ~PlainSource() override { discard(); }

    void set_next_hop(const MacAddress& mac) { next_hop_ = mac; }

  protected:
    std::uint32_t make(rte_mbuf** out, std::uint16_t* sizes, std::uint32_t most, Nanoseconds now) override;

  private:
    void fill_all();

    Pool pool_;
    MacAddress own_;
    MacAddress next_hop_{};
    InnerHeaders headers_;
    SizeMix sizes_;
    FlowCursor cursor_;
    std::vector<std::uint32_t> next_;  ///< sequence, by flow
    /// Packets come back with their filling whole, so it is written once.
    bool filled_ = false;
    std::uint16_t room_;  ///< filling of the largest packet
    std::uint64_t seed_ = 0;
};

}  // namespace ringway::load
