#include "dataplane/handshake_queue.h"

#include <algorithm>

#include "crypto/messages.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

/// The line of a message: 1 if it has a mac2, which ends initiations and responses.
std::size_t line_of(rte_mbuf* packet) {
    const PacketMeta& m = meta(packet);
    if (m.message_bytes <= sizeof(crypto::MessageCookieReply)) return 0;
    const std::uint8_t* end = data(packet) + m.message + m.message_bytes;
    return std::any_of(end - crypto::kMacBytes, end, [](std::uint8_t byte) { return byte != 0; }) ? 1 : 0;
}

}  // namespace

HandshakeQueue::HandshakeQueue(std::size_t capacity, std::size_t max_tunnels)
    : lines_{Ring<rte_mbuf*>(capacity / kLines, RingUsers::many, RingUsers::one),
             Ring<rte_mbuf*>(capacity / kLines, RingUsers::many, RingUsers::one)},
      shares_(max_tunnels) {}

bool HandshakeQueue::push(rte_mbuf* message) {
    Share& share = shares_[meta(message).tunnel];
    const std::size_t line = line_of(message);
    const std::size_t free = lines_[line].capacity() - lines_[line].size();
    const std::uint32_t held = share.waiting[line].fetch_add(1, std::memory_order_relaxed);
    if (held < free && lines_[line].push(message)) return true;
    share.waiting[line].fetch_sub(1, std::memory_order_relaxed);
    share.refused.store(true, std::memory_order_relaxed);
    return false;
}

std::size_t HandshakeQueue::pop_some(std::span<rte_mbuf*> messages) {
    std::size_t taken = pop_from(1, messages.first(messages.size() / 2));
    taken += pop_from(0, messages.subspan(taken));
    return taken + pop_from(1, messages.subspan(taken));
}

std::size_t HandshakeQueue::pop_from(std::size_t line, std::span<rte_mbuf*> messages) {
    const std::size_t taken = lines_[line].pop_some(messages);
    for (rte_mbuf* message : messages.first(taken))
        shares_[meta(message).tunnel].waiting[line].fetch_sub(1, std::memory_order_relaxed);
    return taken;
}

std::size_t HandshakeQueue::depth(TunnelIndex tunnel) {
    Share& share = shares_[tunnel];
    if (share.refused.exchange(false, std::memory_order_relaxed)) return capacity();
    return share.waiting[0].load(std::memory_order_relaxed) +
           share.waiting[1].load(std::memory_order_relaxed);
}

}  // namespace ringway::dataplane
