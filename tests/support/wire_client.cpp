#include "tests/support/wire_client.h"

#include <cstring>
#include <stdexcept>
#include <string>

#include "crypto/aead.h"
#include "crypto/tai64n.h"

namespace ringway::tests {
namespace {

constexpr std::uint32_t kSeed = 700'000;

crypto::LocalIdentity identity(unsigned number) {
    SeededRandom random(kSeed + number);
    crypto::PrivateKey key;
    random.fill(key.span());
    return crypto::LocalIdentity::from(std::move(key));
}

dataplane::MacAddress mac(unsigned number) {
    return {2, 0, 0, 0, 0xcc, static_cast<std::uint8_t>(number)};
}

}  // namespace

WireClient::WireClient(unsigned number, const TestGateway& gateway)
    : number_(number),
      gateway_(gateway),
      random_(2 * kSeed + number),
      local_(identity(number)),
      remote_(crypto::RemoteIdentity::from(local_, gateway.public_key(), {})),
      macs_(gateway.public_key()) {}

dataplane::IpAddress WireClient::outside() const {
    return address("10.0.0." + std::to_string(100 + number_));
}

dataplane::IpAddress WireClient::inside() const {
    return address("10.200.0." + std::to_string(1 + number_));
}

PeerIndex WireClient::join(TestGateway& gateway) const {
    control::PeerSpec spec;
    spec.public_key = public_key();
    const auto peer = gateway.core().add_peer(TestGateway::kTunnel, std::move(spec));
    if (!peer) throw std::runtime_error("no room for the client");
    const dataplane::IpPrefix own{inside(), 32};
    gateway.core().add_allowed_ip(*peer, own);
    gateway.route(own.to_string(),
                  {.kind = dataplane::NextHop::Kind::tunnel, .tunnel = TestGateway::kTunnel});
    gateway.neighbour(TestGateway::kWan, outside(), {mac(number_), dataplane::NeighbourState::usable});
    return *peer;
}

Bytes WireClient::frame_of(std::span<const std::uint8_t> message) const {
    const Bytes packet = udp_packet({.source = outside(),
                                     .destination = gateway_.wan(Family::v4),
                                     .source_port = TestGateway::kListenPort,
                                     .destination_port = TestGateway::kListenPort},
                                    message);
    return frame(gateway_.mac(TestGateway::kWan), mac(number_), packet);
}

Bytes WireClient::initiation(std::uint64_t unix_nanoseconds) {
    crypto::MessageInitiation message;
    const crypto::ReceiverIndex index{crypto::Le32(number_ + 1)};
    if (!crypto::create_initiation(handshake_, local_, remote_, index,
                                   crypto::Tai64n::from_unix(unix_nanoseconds), random_, message))
        throw std::runtime_error("the gateway's key is unusable");
    std::array<std::uint8_t, sizeof(message)> bytes;
    std::memcpy(bytes.data(), &message, sizeof(message));
    macs_.add_macs(bytes, unix_nanoseconds);
    called_at_ = unix_nanoseconds;
    return frame_of(bytes);
}

std::optional<Bytes> WireClient::take(const Bytes& frame) {
    const Bytes packet = packet_of(frame);
    const std::span<const std::uint8_t> bytes = payload_of(packet);
    if (bytes.size() == sizeof(crypto::MessageResponse) && bytes[0] == 2) {
        crypto::MessageResponse response;
        std::memcpy(&response, bytes.data(), sizeof(response));
        if (!crypto::consume_response(handshake_, local_, remote_, response)) return std::nullopt;
        remote_index_ = handshake_.remote_index;
        keys_ = crypto::derive_transport_keys(handshake_);
        return std::nullopt;
    }
    if (bytes.size() == sizeof(crypto::MessageCookieReply) && bytes[0] == 3) {
        crypto::MessageCookieReply reply;
        std::memcpy(&reply, bytes.data(), sizeof(reply));
        has_cookie_ = macs_.consume_reply(reply, called_at_);
        return std::nullopt;
    }
    if (!keys_ || bytes.size() < crypto::kTransportMinimumBytes || bytes[0] != 4) return std::nullopt;
    crypto::MessageTransport header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    Bytes plain(bytes.size() - crypto::kTransportMinimumBytes);
    const std::uint64_t counter = header.counter.host();
    if (!crypto::aead_open(plain, keys_->receive, counter, bytes.subspan(sizeof(header)), {}))
        return std::nullopt;
    if (counter != expected_counter_) ++out_of_order_;
    expected_counter_ = counter + 1;
    return plain;
}

Bytes WireClient::seal(const Bytes& packet) {
    const crypto::MessageTransport header{
        crypto::Le32(static_cast<std::uint32_t>(crypto::MessageType::transport)), remote_index_,
        crypto::Le64(next_counter_)};
    Bytes padded = packet;
    while (padded.size() % crypto::kPaddingMultiple != 0)
        padded.push_back(0);
    Bytes message(sizeof(header) + padded.size() + crypto::kTagBytes);
    std::memcpy(message.data(), &header, sizeof(header));
    crypto::aead_seal(std::span(message).subspan(sizeof(header)), keys_->send, next_counter_, padded, {});
    ++next_counter_;
    return frame_of(message);
}

}  // namespace ringway::tests
