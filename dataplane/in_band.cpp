#include "dataplane/in_band.h"

#include "dataplane/dataplane.h"
#include "dataplane/in_band_header.h"
#include "dataplane/lcore.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {

void take_in_band(Lcore& lcore, rte_mbuf* packet, PeerIndex peer_index) {
    Peer& peer = lcore.plane.peers[peer_index];
    InBandMessage message;
    if (const auto reason = read_in_band({data(packet), packet->data_len}, message))
        return lcore.drop(packet, *reason, peer);
    // Only this lcore adds.
    if (peer.messages_waiting.load(std::memory_order_relaxed) >= kInBandQueueOfPeer)
        return lcore.drop(packet, DropReason::in_band_queue_full, peer);
    meta(packet).peer = peer_index;
    // Counted before it can be taken out: see Core::is_quiet().
    peer.messages_waiting.fetch_add(1, std::memory_order_relaxed);
    if (lcore.plane.messages.push(packet)) return;
    peer.messages_waiting.fetch_sub(1, std::memory_order_relaxed);
    lcore.drop(packet, DropReason::in_band_queue_full, peer);
}

}  // namespace ringway::dataplane
