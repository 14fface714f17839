#include "tools/load/plain_source.h"

#include <rte_ethdev.h>

#include <cstring>

#include "dataplane/packet.h"
#include "tools/load/frame.h"
#include "tools/load/stamp.h"

namespace ringway::load {
namespace {

constexpr unsigned kPackets = 2047;

}  // namespace

PlainSource::PlainSource(const std::string& name, Link& link, DirectionCounts& counts, const Flows& flows,
                         const InnerHeaders& headers, const SizeMix& sizes, std::uint16_t mtu)
    : Source(link, counts),
      pool_(make_pool(name, kPackets, mtu)),
      own_(link.mac()),
      headers_(headers),
      sizes_(sizes),
      cursor_(flows),
      next_(flows.count()),
      filled_(link.keeps_contents()),
      room_(static_cast<std::uint16_t>(sizes.largest() - headers.bytes() - kStampBytes)) {
    if (filled_) fill_all();
}

void PlainSource::fill_all() {
    std::vector<rte_mbuf*> all(kPackets);
    std::size_t count = 0;
    while (count < all.size() && (all[count] = rte_pktmbuf_alloc(pool_.get())) != nullptr) {
        std::uint8_t* filling = dataplane::data(all[count]) + kEthernetBytes + headers_.bytes() + kStampBytes;
        write_filling({filling, room_}, ++seed_ * 0x9e3779b97f4a7c15);
        ++count;
    }
    rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(count));
}

std::uint32_t PlainSource::make(rte_mbuf** out, std::uint16_t* sizes, std::uint32_t most, Nanoseconds now) {
    if (rte_pktmbuf_alloc_bulk(pool_.get(), out, most) != 0) return 0;
    const EthernetHeader ethernet{
        next_hop_, own_,
        Be16(headers_.family() == Family::v4 ? dataplane::kEtherTypeIpv4 : dataplane::kEtherTypeIpv6)};
    const std::uint32_t time = stamp_time(now);
    for (std::uint32_t i = 0; i < most; ++i) {
        const std::uint16_t size = sizes_.next();
        std::uint8_t* at = dataplane::data(out[i]);
        std::memcpy(at, &ethernet, sizeof(ethernet));
        at += sizeof(ethernet);
        headers_.write(at, size, 0, cursor_.peer(), cursor_.port());
        at += headers_.bytes();
        write_stamp(at, cursor_.flow(), next_[cursor_.flow()]++, time);
        if (!filled_) write_filling({at + kStampBytes, size - headers_.bytes() - kStampBytes}, ++seed_);
        out[i]->data_len = static_cast<std::uint16_t>(kEthernetBytes + size);
        out[i]->pkt_len = out[i]->data_len;
        sizes[i] = size;
        cursor_.advance();
    }
    return most;
}

}  // namespace ringway::load
