#include "tools/load/cipher_source.h"

#include <rte_prefetch.h>

#include <algorithm>
#include <cstring>

#include "dataplane/packet.h"
#include "tools/load/stamp.h"

namespace ringway::load {
namespace {

constexpr unsigned kPackets = 2047;
constexpr std::size_t kLine = 64;
constexpr std::size_t kAtOnce = 256;
static_assert(kAtOnce <= crypto::AeadBurst::kMaxOperations);

}  // namespace

CipherSource::CipherSource(const std::string& name, Link& link, DirectionCounts& counts, const Flows& flows,
                           const InnerHeaders& headers, const SizeMix& sizes, Peers& peers, CipherWire& wire,
                           std::size_t stock_bytes, std::uint16_t mtu, std::uint16_t tunnel_mtu)
    : Source(link, counts),
      pool_(make_pool(name, kPackets, mtu)),
      headers_(headers),
      sizes_(sizes),
      peers_(peers),
      wire_(wire),
      tunnel_mtu_(tunnel_mtu),
      cursor_(flows),
      sequence_(flows.count()),
      stock_bytes_(stock_bytes),
      stock_(std::make_unique<std::uint8_t[]>(stock_bytes)) {
    const std::size_t smallest =
        wire.header_bytes() + crypto::kTransportMinimumBytes + padded(sizes.smallest());
    packets_.reserve(stock_bytes / smallest + 1);
    sent_at_.reserve(packets_.capacity());
}

std::uint16_t CipherSource::padded(std::uint16_t size) const {
    constexpr auto kMultiple = static_cast<std::uint16_t>(crypto::kPaddingMultiple);
    const auto whole = static_cast<std::uint16_t>((size + kMultiple - 1) / kMultiple * kMultiple);
    return std::max(size, std::min(whole, tunnel_mtu_));
}

bool CipherSource::add(std::vector<crypto::AeadOperation>& operations) {
    const std::uint16_t size = sizes_.next();
    const std::uint16_t length = padded(size);
    const std::size_t bytes = wire_.header_bytes() + crypto::kTransportMinimumBytes + length;
    if (used_ + bytes > stock_bytes_) return false;
    const PeerNumber peer = cursor_.peer();
    Session* session = peers_.sending(peer);
    if (session == nullptr) return false;

    const auto number = static_cast<std::uint32_t>(packets_.size());
    std::uint8_t* message = stock_.get() + used_ + wire_.header_bytes();
    const crypto::MessageTransport header{
        crypto::Le32(static_cast<std::uint32_t>(crypto::MessageType::transport)), session->remote,
        crypto::Le64(session->next_counter)};
    std::memcpy(message, &header, sizeof(header));
    std::uint8_t* inner = message + sizeof(header);
    headers_.write(inner, size, peer, 0, cursor_.port());
    write_stamp(inner + headers_.bytes(), cursor_.flow(), sequence_[cursor_.flow()]++, number);
    write_filling({inner + headers_.bytes() + kStampBytes, size - headers_.bytes() - kStampBytes}, ++seed_);
    std::memset(inner + size, 0, static_cast<std::size_t>(length - size));

    operations.push_back({.key = &session->send,
                          .counter = session->next_counter++,
                          .data = inner,
                          .length = length,
                          .direction = crypto::AeadOperation::Direction::seal,
                          .ok = false});
    packets_.push_back({.at = used_, .bytes = static_cast<std::uint16_t>(bytes), .size = size, .peer = peer});
    used_ += (bytes + kLine - 1) / kLine * kLine;
    cursor_.advance();
    return true;
}

void CipherSource::finish(std::size_t first, std::vector<crypto::AeadOperation>& operations) {
    aead_.run(operations);
    operations.clear();
    for (std::size_t i = first; i < packets_.size(); ++i) {
        std::uint8_t* frame = stock_.get() + packets_[i].at;
        wire_.write_headers(frame, packets_[i].peer,
                            {frame + wire_.header_bytes(), packets_[i].bytes - wire_.header_bytes()});
    }
}

void CipherSource::prepare(std::uint64_t most) {
    discard();
    packets_.clear();
    next_ = 0;
    used_ = 0;
    std::vector<crypto::AeadOperation> operations;
    operations.reserve(kAtOnce);
    std::size_t first = 0;
    while (packets_.size() < most && packets_.size() < packets_.capacity() && add(operations)) {
        if (operations.size() < kAtOnce) continue;
        finish(first, operations);
        first = packets_.size();
    }
    finish(first, operations);
    sent_at_.assign(packets_.size(), 0);
}

std::uint32_t CipherSource::make(rte_mbuf** out, std::uint16_t* sizes, std::uint32_t most, Nanoseconds now) {
    const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(most, packets_.size() - next_));
    if (count == 0 || rte_pktmbuf_alloc_bulk(pool_.get(), out, count) != 0) return 0;
    const std::uint32_t time = stamp_time(now);
    for (std::uint32_t i = 0; i < count; ++i) {
        const Packet& packet = packets_[next_ + i];
        std::memcpy(dataplane::data(out[i]), stock_.get() + packet.at, packet.bytes);
        out[i]->data_len = packet.bytes;
        out[i]->pkt_len = packet.bytes;
        sizes[i] = packet.size;
        sent_at_[next_ + i] = time;
    }
    next_ += count;
    return count;
}

}  // namespace ringway::load
