#include "tools/load/plain_sink.h"

#include "tools/load/cipher_source.h"

namespace ringway::load {

PlainSink::PlainSink(const Flows& flows, const InnerCheck& check, const CipherSource* source,
                     DirectionCounts& counts, LatencyHistogram& latency, std::uint32_t check_every)
    : check_(check),
      source_(source),
      counts_(counts),
      latency_(latency),
      check_this_(check_every),
      flows_(flows.count()) {}

void PlainSink::take(const UdpView& udp, Nanoseconds now) {
    ++counts_.received;
    const Stamp stamp = read_stamp(udp.payload);
    bool whole = check_.stamp_is_whole(stamp);
    if (check_this_()) {
        ++counts_.checked;
        whole = whole && check_.is_whole(udp);
    }
    if (!whole) {
        ++counts_.corrupt;
        return;
    }
    switch (flows_[stamp.flow].take_low(stamp.sequence)) {
        case Arrival::duplicate:
            ++counts_.duplicates;
            return;
        case Arrival::ancient:
            ++counts_.ancient;
            return;
        case Arrival::late:
            ++counts_.reordered;
            break;
        case Arrival::in_order:
            break;
    }
    ++counts_.matched;
    if (source_ == nullptr) {
        latency_.add(stamp_age(stamp.time, now));
    } else if (stamp.time < source_->prepared()) {
        latency_.add(stamp_age(source_->sent_at(stamp.time), now));
    }
}

}  // namespace ringway::load
