#include "tools/load/source.h"

#include <algorithm>

namespace ringway::load {

Source::~Source() {
    discard();
}

void Source::discard() {
    rte_pktmbuf_free_bulk(frames_.data() + begin_, waiting());
    begin_ = end_ = 0;
}

std::uint32_t Source::send(std::uint32_t most, Nanoseconds now) {
    std::uint32_t sent = 0;
    while (sent < most) {
        if (waiting() == 0) {
            begin_ = 0;
            end_ = make(frames_.data(), sizes_.data(), std::min(most - sent, kCapacity), now);
            if (end_ == 0) break;
        }
        const std::uint32_t wanted = std::min(waiting(), most - sent);
        const std::uint16_t taken = link_.offer(frames_.data() + begin_, static_cast<std::uint16_t>(wanted));
        for (std::uint32_t i = begin_; i < begin_ + taken; ++i)
            counts_.sent_bytes += sizes_[i];
        begin_ += taken;
        sent += taken;
        if (taken < wanted) break;
    }
    counts_.sent += sent;
    return sent;
}

}  // namespace ringway::load
