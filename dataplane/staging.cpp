#include "dataplane/staging.h"

#include "dataplane/packet.h"

namespace ringway::dataplane {

void StagingList::append(StagedPackets& peer, rte_mbuf* packet) {
    PacketMeta& m = meta(packet);
    m.next_of_peer = nullptr;
    m.newer = nullptr;
    m.older = newest_;
    (newest_ != nullptr ? meta(newest_).newer : oldest_) = packet;
    newest_ = packet;
    (peer.newest != nullptr ? meta(peer.newest).next_of_peer : peer.oldest) = packet;
    peer.newest = packet;
    ++peer.count;
    count_.set(count() + 1);
    peer.any.store(true, std::memory_order_relaxed);
}

rte_mbuf* StagingList::take(StagedPackets& peer) {
    rte_mbuf* packet = peer.oldest;
    if (packet == nullptr) return nullptr;
    const PacketMeta& m = meta(packet);
    peer.oldest = m.next_of_peer;
    if (peer.oldest == nullptr) peer.newest = nullptr;
    (m.older != nullptr ? meta(m.older).newer : oldest_) = m.newer;
    (m.newer != nullptr ? meta(m.newer).older : newest_) = m.older;
    count_.set(count() - 1);
    if (--peer.count == 0) peer.any.store(false, std::memory_order_relaxed);
    return packet;
}

}  // namespace ringway::dataplane
