// In-band messages, the control side's part (P14).

#include <rte_mbuf.h>

#include <algorithm>
#include <array>

#include "control/core/core.h"
#include "dataplane/packet.h"

namespace ringway::control {

using dataplane::DropReason;
using dataplane::InBandMessage;
using dataplane::RxStage;

namespace {

/// Messages of one turn: whoever floods us with them waits for handshakes and timers.
constexpr std::size_t kMessageBatch = 32;

}  // namespace

std::size_t Core::max_message_bytes(PeerIndex peer) const {
    return dataplane::max_in_band_payload(plane_.tunnels[places_[peer].record->tunnel]->mtu);
}

tl::expected<std::uint64_t, MessageRefusal> Core::send_message(PeerIndex peer,
                                                               std::span<const std::uint8_t> payload) {
    if (payload.empty() || payload.size() > max_message_bytes(peer))
        return tl::unexpected(MessageRefusal::bad_length);
    if (!packet_plane_.has_endpoint(peer)) return tl::unexpected(MessageRefusal::no_endpoint);
    RxStage& home = *plane_.rx_lcore(plane_.peers[peer].home).rx;
    if (home.messages.load(std::memory_order_relaxed) >= RxStage::kMaxMessages)
        return tl::unexpected(MessageRefusal::queue_full);
    rte_mbuf* packet = plane_.make_packet();
    if (packet == nullptr) return tl::unexpected(MessageRefusal::queue_full);

    // Rises over restarts too, unless the clock goes back.
    last_message_id_ = std::max(last_message_id_ + 1, wall_clock_());
    const auto bytes = static_cast<std::uint16_t>(sizeof(dataplane::InBandHeader) + payload.size());
    auto* out = reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(packet, bytes));
    dataplane::write_in_band(out, {last_message_id_, payload});
    counters_.made_here.add();
    home.messages.fetch_add(1, std::memory_order_relaxed);
    packet_plane_.post({dataplane::Request::Kind::message, peer, dataplane::kNoKeypair, packet});
    return last_message_id_;
}

std::size_t Core::take_messages() {
    std::array<rte_mbuf*, kMessageBatch> packets;
    const std::size_t n = plane_.messages.pop_some(packets);
    for (std::size_t i = 0; i < n; ++i)
        take_message(packets[i]);
    return n;
}

void Core::take_message(rte_mbuf* packet) {
    const PeerIndex index = dataplane::meta(packet).peer;
    dataplane::Peer& peer = plane_.peers[index];
    InBandMessage message;
    // The lcore has proved it; it is read again where it is needed.
    const auto reason = dataplane::read_in_band({dataplane::data(packet), packet->data_len}, message);
    if (reason || this->peer(index) == nullptr) {
        const DropReason why = reason.value_or(DropReason::in_band_peer_removed);
        counters_.drop(why);
        peer.drops.add(why, plane_.clock.now());
    } else {
        inbox_.put(index, message, wall_clock_());
        counters_.consumed.add();
    }
    rte_pktmbuf_free(packet);
    // Last: until then the peer's place is not given to another.
    peer.messages_waiting.fetch_sub(1, std::memory_order_release);
}

}  // namespace ringway::control
