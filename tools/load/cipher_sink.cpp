#include "tools/load/cipher_sink.h"

#include <cstring>

namespace ringway::load {

CipherSink::CipherSink(const Flows& flows, const InnerCheck& check, Peers& peers, Handshaker& handshaker,
                       DirectionCounts& counts, LatencyHistogram& latency, std::uint32_t check_every)
    : check_(check),
      peers_(peers),
      handshaker_(handshaker),
      counts_(counts),
      latency_(latency),
      check_this_(check_every),
      flows_(flows.count()) {}

CipherSink::Taken CipherSink::take(rte_mbuf* frame, std::uint8_t* message, std::size_t bytes, Nanoseconds now,
                                   bool& kept) {
    kept = false;
    if (bytes < crypto::kTransportMinimumBytes) return Taken::foreign;
    crypto::MessageTransport header;
    std::memcpy(&header, message, sizeof(header));
    Session* session = peers_.find(header.receiver);
    if (session == nullptr) return Taken::foreign;
    const bool is_keepalive = bytes == crypto::kTransportMinimumBytes;
    const Arrival arrival = session->counters.take(header.counter.host());
    if (session->awaits_confirmation) handshaker_.confirm(header.receiver);
    if (is_keepalive) return Taken::keepalive;

    ++counts_.received;
    if (session->received_at == 0) session->received_at = now;
    switch (arrival) {
        case Arrival::duplicate:
            ++counts_.duplicates;
            return Taken::data;
        case Arrival::ancient:
            ++counts_.ancient;
            return Taken::data;
        case Arrival::late:
            ++counts_.reordered;
            break;
        case Arrival::in_order:
            break;
    }
    ++counts_.matched;
    if (!check_this_()) return Taken::data;
    if (kept_ == kBatch) finish(now);
    frames_[kept_] = frame;
    overtaken_[kept_] = arrival == Arrival::late;
    operations_[kept_] = {.key = &session->receive,
                          .counter = header.counter.host(),
                          .data = message + sizeof(header),
                          .length = static_cast<std::uint32_t>(bytes - crypto::kTransportMinimumBytes),
                          .direction = crypto::AeadOperation::Direction::open,
                          .ok = false};
    ++kept_;
    kept = true;
    return Taken::data;
}

void CipherSink::finish(Nanoseconds now) {
    if (kept_ == 0) return;
    aead_.run({operations_.data(), kept_});
    for (std::size_t i = 0; i < kept_; ++i)
        compare(operations_[i], overtaken_[i], now);
    rte_pktmbuf_free_bulk(frames_.data(), static_cast<unsigned>(kept_));
    kept_ = 0;
}

void CipherSink::compare(const crypto::AeadOperation& opened, bool overtaken, Nanoseconds now) {
    ++counts_.checked;
    const auto udp = opened.ok ? parse_udp({opened.data, opened.length}) : std::nullopt;
    if (!udp || !InnerCheck::is_ours(*udp) || !check_.is_whole(*udp)) {
        ++counts_.corrupt;
        --counts_.matched;
        return;
    }
    const Stamp stamp = read_stamp(udp->payload);
    latency_.add(stamp_age(stamp.time, now));
    switch (flows_[stamp.flow].take_low(stamp.sequence)) {
        case Arrival::duplicate:  // sealed twice, by two counters
            ++counts_.duplicates;
            --counts_.matched;
            break;
        case Arrival::ancient:
            ++counts_.ancient;
            --counts_.matched;
            break;
        case Arrival::late:
            if (!overtaken) ++counts_.reordered;
            break;
        case Arrival::in_order:
            break;
    }
}

}  // namespace ringway::load
