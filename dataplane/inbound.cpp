#include "dataplane/inbound.h"

#include <rte_prefetch.h>

#include <cstring>
#include <optional>

#include "crypto/messages.h"
#include "dataplane/bundling.h"
#include "dataplane/dataplane.h"
#include "dataplane/lcore.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

using crypto::MessageType;

UdpHeader udp_of(const IpView& ip, const std::uint8_t* header) {
    UdpHeader udp;
    std::memcpy(&udp, header + ip.header_bytes, sizeof(udp));
    return udp;
}

/// The message type, if the reserved bytes are zero and the length is one that such a message has:
/// one function for both, so that proof and parsing can't drift apart.
std::optional<MessageType> message_type(const std::uint8_t* message, std::size_t bytes) {
    crypto::Le32 word;
    if (bytes < sizeof(word)) return std::nullopt;
    std::memcpy(&word, message, sizeof(word));
    switch (const auto type = static_cast<MessageType>(word.host()); type) {
        case MessageType::initiation:
            if (bytes == sizeof(crypto::MessageInitiation)) return type;
            break;
        case MessageType::response:
            if (bytes == sizeof(crypto::MessageResponse)) return type;
            break;
        case MessageType::cookie_reply:
            if (bytes == sizeof(crypto::MessageCookieReply)) return type;
            break;
        case MessageType::transport:
            if (bytes >= crypto::kTransportMinimumBytes) return type;
            break;
    }
    return std::nullopt;
}

void link(Lcore& lcore, Bundle* bundle) {
    Dataplane& plane = lcore.plane;
    Peer& peer = plane.peers[bundle->peer];
    if (const auto reason = refusal(lcore, peer.inbound, *bundle, DropReason::inbound_queue_full)) {
        return lcore.drop(bundle, *reason);
    }
    // Every bundle advances the counter by one, so that no value of the word comes back.
    add_among_lcores(plane.keypairs[bundle->keypair].taken, std::uint64_t{1}, plane.sharing);
    SerialState seen = peer.inbound.glance();
    while (!peer.inbound.link(lcore.bundles, seen, bundle, seen.counter + 1))
        seen = peer.inbound.glance();
    submit(lcore, bundle);
}

/// What is open joins its peers' queues.
void link_inbound(Lcore& lcore) {
    for (Bundle* bundle : lcore.inbound.take_all())
        link(lcore, bundle);
}

/// A fresh bundle for messages of a session, or null. (Apart, as its like in outbound.cpp.)
[[gnu::noinline]] Bundle* open_for(Lcore& lcore, KeypairIndex index, const Keypair& keypair) {
    lcore.plane.peers[keypair.peer].inbound.prefetch_to_link();
    Bundle* bundle = open_bundle(lcore, lcore.inbound, index, [&] { link_inbound(lcore); });
    if (bundle == nullptr) return nullptr;
    bundle->direction = Direction::inbound;
    bundle->keypair = index;
    bundle->peer = keypair.peer;
    bundle->tx = keypair.tx;
    return bundle;
}

/// The session that a transport message names, or kNoKeypair when it was dropped.
KeypairIndex find_session(Lcore& lcore, rte_mbuf* packet, const std::uint8_t* message) {
    crypto::MessageTransport header;
    std::memcpy(&header, message, sizeof(header));
    const std::uint32_t index = lcore.plane.indices.lookup_session(header.receiver);
    if (index == IndexTable::kNone) {
        lcore.drop(packet, DropReason::unknown_index);
        return kNoKeypair;
    }
    const Keypair& keypair = lcore.plane.keypairs[index];
    rte_prefetch0(&keypair);
    return index;
}

}  // namespace

TunnelIndex listening_tunnel(const Lcore& lcore, const IpView& ip, const std::uint8_t* header,
                             DomainIndex domain) {
    if (ip.protocol != kProtocolUdp || ip.is_fragment) return kNoTunnel;
    if (ip.total_bytes < ip.header_bytes + sizeof(UdpHeader)) return kNoTunnel;
    return lcore.plane.domains[domain]->listener(udp_of(ip, header).destination.host());
}

KeypairIndex take_message(Lcore& lcore, rte_mbuf* packet, std::size_t ip_offset, const IpView& ip,
                          TunnelIndex tunnel) {
    const std::uint8_t* header = data(packet) + ip_offset;
    const std::size_t udp_bytes = udp_of(ip, header).length.host();
    if (udp_bytes < sizeof(UdpHeader) || udp_bytes > ip.total_bytes - ip.header_bytes) {
        lcore.drop(packet, DropReason::message_malformed);
        return kNoKeypair;
    }
    const std::size_t offset = ip_offset + ip.header_bytes + sizeof(UdpHeader);
    const std::size_t bytes = udp_bytes - sizeof(UdpHeader);
    const std::uint8_t* message = data(packet) + offset;
    const std::optional<MessageType> type = message_type(message, bytes);
    if (!type) {
        lcore.drop(packet, DropReason::message_malformed);
        return kNoKeypair;
    }

    PacketMeta& m = meta(packet);
    m.outer_ip = static_cast<std::uint16_t>(ip_offset);
    m.message = static_cast<std::uint16_t>(offset);
    m.message_bytes = static_cast<std::uint16_t>(bytes);
    m.family = ip.family;
    m.ds = ip.ds;
    m.tunnel = tunnel;
    m.framed = false;
    if (*type == MessageType::transport) return find_session(lcore, packet, message);
    if (!lcore.plane.handshakes.push(packet)) lcore.drop(packet, DropReason::handshake_queue_full);
    return kNoKeypair;
}

void join_session(Lcore& lcore, rte_mbuf* packet, KeypairIndex index) {
    const PacketMeta& m = meta(packet);
    const Keypair& keypair = lcore.plane.keypairs[index];
    if (keypair.tunnel != m.tunnel) return lcore.drop(packet, DropReason::unknown_index);
    crypto::MessageTransport header;
    std::memcpy(&header, data(packet) + m.message, sizeof(header));
    if (keypair.expired(lcore.now) || header.counter.host() >= crypto::kRejectAfterMessages) {
        return lcore.drop(packet, DropReason::session_expired);
    }

    Bundle* bundle = lcore.inbound.find(index);
    if (bundle == nullptr || bundle->full()) {
        bundle = open_for(lcore, index, keypair);
        if (bundle == nullptr)
            return lcore.drop(packet, DropReason::bundles_exhausted, lcore.plane.peers[keypair.peer]);
    }
    bundle->append(packet);
}

void prefetch_session(const Lcore& lcore, const IpView& ip, const std::uint8_t* ip_header) {
    crypto::MessageTransport header;
    const std::size_t offset = ip.header_bytes + sizeof(UdpHeader);
    if (ip.total_bytes < offset + sizeof(header)) return;
    std::memcpy(&header, ip_header + offset, sizeof(header));
    lcore.plane.indices.prefetch(header.receiver);
}

void close_inbound(Lcore& lcore) {
    link_inbound(lcore);
    submit_collected(lcore);
}

}  // namespace ringway::dataplane
