#include "tools/load/handshaker.h"

#include <algorithm>
#include <cstring>

#include "crypto/aead.h"
#include "tools/load/message_bytes.h"

namespace ringway::load {
namespace {

/// An initiation without an answer is repeated after this. The protocol's own 5 s are for a wide world.
constexpr Nanoseconds kRetryAfter = 1'000'000'000;
/// All peers are looked after once in this time, if there are not very many.
constexpr Nanoseconds kSweepTime = 250'000'000;

template <typename Message>
Message message_of(std::span<const std::uint8_t> bytes) {
    Message message;
    std::memcpy(&message, bytes.data(), sizeof(message));
    return message;
}

crypto::Le32 type_of(crypto::MessageType type) {
    return crypto::Le32(static_cast<std::uint32_t>(type));
}

}  // namespace

Handshaker::Handshaker(Peers& peers, CipherWire& wire, crypto::Random& random, Nanoseconds unix_offset,
                       std::uint32_t at_once)
    : peers_(peers),
      wire_(wire),
      random_(random),
      unix_offset_(unix_offset),
      at_once_(at_once),
      queue_(peers.count()),
      sent_(kRemembered),
      diffie_hellmans_(kBatch),
      opened_(kBatch) {
    answers_.reserve(kBatch);
    questions_.reserve(kBatch);
    jobs_.reserve(3 * kBatch);
}

void Handshaker::want(PeerNumber peer) {
    Peer& wanting = peers_[peer];
    if (wanting.handshake_wanted || wanting.initiated_at != 0 || !wanting.gateway.usable) return;
    wanting.handshake_wanted = true;
    queue_[queue_tail_++ % queue_.size()] = peer;
}

bool Handshaker::begin(PeerNumber peer, Nanoseconds now, Nanoseconds gap) {
    const Peer& beginning = peers_[peer];
    if (beginning.handshake_wanted || beginning.initiated_at != 0) return false;
    if (beginning.begun_at != 0 && now - beginning.begun_at < gap) return false;
    want(peer);
    return true;
}

void Handshaker::renew(Nanoseconds now, Nanoseconds max_age) {
    for (PeerNumber peer = 0; peer < peers_.count(); ++peer) {
        const Session* session = peers_.sending(peer);
        if (session == nullptr || now - session->born >= max_age) want(peer);
    }
}

void Handshaker::take(PeerNumber peer, std::span<const std::uint8_t> message, Nanoseconds now) {
    const auto type = static_cast<crypto::MessageType>(message[0]);
    if (type == crypto::MessageType::response && message.size() == sizeof(crypto::MessageResponse)) {
        if (answers_.size() == kBatch) consume_answers(now);
        answers_.push_back({peer, message_of<crypto::MessageResponse>(message)});
    } else if (type == crypto::MessageType::initiation &&
               message.size() == sizeof(crypto::MessageInitiation)) {
        if (questions_.size() == kBatch) answer_questions(now);
        questions_.push_back({peer, message_of<crypto::MessageInitiation>(message)});
    } else if (type == crypto::MessageType::cookie_reply &&
               message.size() == sizeof(crypto::MessageCookieReply)) {
        take_cookie(message, now);
    } else {
        ++counts_.refused;
    }
}

void Handshaker::run(Nanoseconds now) {
    if (!answers_.empty()) consume_answers(now);
    if (!questions_.empty()) answer_questions(now);
    sweep(now);
    while (queued() != 0 && unanswered_ < at_once_)
        initiate(now);
}

void Handshaker::initiate(Nanoseconds now) {
    const std::size_t count = std::min({kBatch, queued(), std::size_t{at_once_ - unanswered_}});
    jobs_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const PeerNumber number = queue_[(queue_head_ + i) % queue_.size()];
        for (const auto& job :
             crypto::prepare_initiation(diffie_hellmans_[i], peers_[number].gateway, random_))
            jobs_.push_back(job);
    }
    crypto::x25519_batch(jobs_);
    for (std::size_t i = 0; i < count; ++i) {
        const PeerNumber number = queue_[queue_head_++ % queue_.size()];
        Peer& peer = peers_[number];
        peer.handshake_wanted = false;
        const auto slot = static_cast<std::uint8_t>((peer.newest_slot + 1) % Peers::kSlots);
        peer.last_timestamp =
            std::max(crypto::Tai64n::from_unix(now + unix_offset_), peer.last_timestamp.next());
        crypto::MessageInitiation message;
        if (!crypto::create_initiation(peer.handshake, peer.local, peer.gateway,
                                       Peers::index_of(number, slot), peer.last_timestamp,
                                       diffie_hellmans_[i], message))
            continue;
        peer.macs.add_macs(bytes_of(message), now);
        (void)wire_.send(number, bytes_of(message));  // a lost one is repeated
        ++counts_.initiations_sent;
        sent_[remembered_++ % kRemembered] = {number, message};
        peer.initiated_at = now;
        peer.begun_at = now;
        ++unanswered_;
    }
}

void Handshaker::consume_answers(Nanoseconds now) {
    jobs_.clear();
    for (std::size_t i = 0; i < answers_.size(); ++i) {
        const auto& [number, message] = answers_[i];
        for (const auto& job : crypto::prepare_consume(diffie_hellmans_[i], peers_[number].handshake,
                                                       peers_[number].local, message))
            jobs_.push_back(job);
    }
    crypto::x25519_batch(jobs_);
    for (std::size_t i = 0; i < answers_.size(); ++i) {
        const auto& [number, message] = answers_[i];
        Peer& peer = peers_[number];
        if (!(message.receiver == peer.handshake.local_index) || peer.initiated_at == 0 ||
            !crypto::consume_response(peer.handshake, peer.gateway, message, diffie_hellmans_[i])) {
            ++counts_.refused;
            continue;
        }
        ++counts_.responses_received;
        latency_.add(now - peer.initiated_at);
        settle(peer);
        const std::uint8_t slot = Peers::slot_of(message.receiver);
        install(number, slot, true, now);
        send_by(number, slot);
        send_keepalive(number, peers_.session(number, slot));  // until then the gateway may not send by it
    }
    answers_.clear();
}

void Handshaker::answer_questions(Nanoseconds now) {
    jobs_.clear();
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        const auto& [number, message] = questions_[i];
        jobs_.push_back(crypto::prepare_open(diffie_hellmans_[i], peers_[number].local, message));
    }
    crypto::x25519_batch(jobs_);
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        const auto& [number, message] = questions_[i];
        Peer& peer = peers_[number];
        crypto::CookieChecker checker(peer.local.public_key);
        if (checker.check(bytes_of(message), {}, false, now, random_) ==
                crypto::CookieChecker::Verdict::invalid_mac ||
            !crypto::open_initiation(opened_[i], peer.local, message, diffie_hellmans_[i]) ||
            opened_[i].remote_static != peer.gateway.public_key ||
            !crypto::open_timestamp(opened_[i], peer.gateway, message)) {
            ++counts_.refused;
            continue;
        }
        ++counts_.initiations_received;
        settle(peer);
        crypto::accept_initiation(peer.handshake, opened_[i]);
        const auto slot = static_cast<std::uint8_t>((peer.newest_slot + 1) % Peers::kSlots);
        crypto::MessageResponse response;
        if (!crypto::create_response(peer.handshake, peer.gateway, Peers::index_of(number, slot), random_,
                                     response))
            continue;
        peer.macs.add_macs(bytes_of(response), now);
        (void)wire_.send(number, bytes_of(response));  // else the gateway asks again
        ++counts_.responses_sent;
        install(number, slot, false, now);
    }
    questions_.clear();
}

void Handshaker::take_cookie(std::span<const std::uint8_t> bytes, Nanoseconds now) {
    const auto message = message_of<crypto::MessageCookieReply>(bytes);
    if (message.receiver == kRubbish) {
        ++counts_.cookies_for_rubbish;
        return;
    }
    const auto number = peers_.peer_of(message.receiver);
    if (!number || !peers_[*number].macs.consume_reply(message, now)) {
        ++counts_.refused;
        return;
    }
    ++counts_.cookies_received;
    Peer& peer = peers_[*number];
    if (peer.initiated_at == 0) return;
    settle(peer);
    want(*number);
}

void Handshaker::settle(Peer& peer) {
    if (peer.initiated_at == 0) return;
    peer.initiated_at = 0;
    --unanswered_;
}

void Handshaker::install(PeerNumber number, std::uint8_t slot, bool initiated, Nanoseconds now) {
    Peer& peer = peers_[number];
    const crypto::ReceiverIndex remote = peer.handshake.remote_index;
    auto keys = crypto::derive_transport_keys(peer.handshake);
    if (!keys) return;
    Session& session = peers_.session(number, slot);
    session.send = std::move(keys->send);
    session.receive = std::move(keys->receive);
    session.remote = remote;
    session.initiated = initiated;
    session.awaits_confirmation = !initiated;
    session.next_counter = 0;
    session.born = now;
    session.received_at = 0;
    session.counters = {};
    peer.newest_slot = slot;
}

void Handshaker::send_by(PeerNumber number, std::uint8_t slot) {
    Peer& peer = peers_[number];
    if (peer.sending_slot == Peer::kNoSlot) ++ready_;
    peer.sending_slot = slot;
}

void Handshaker::confirm(crypto::ReceiverIndex index) {
    const auto number = peers_.peer_of(index);
    if (!number) return;
    peers_.session(*number, Peers::slot_of(index)).awaits_confirmation = false;
    send_by(*number, Peers::slot_of(index));
}

void Handshaker::sweep(Nanoseconds now) {
    constexpr Nanoseconds kPause = 1'000'000;
    if (now - swept_at_ < kPause) return;
    const Nanoseconds passed = std::min(now - swept_at_, kSweepTime);
    swept_at_ = now;
    const std::uint64_t share = peers_.count() * passed / kSweepTime + 1;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(share, peers_.count()); ++i) {
        look_after(swept_, now);
        if (++swept_ == peers_.count()) swept_ = 0;
    }
}

void Handshaker::look_after(PeerNumber number, Nanoseconds now) {
    Peer& peer = peers_[number];
    if (peer.initiated_at != 0) {
        if (now - peer.initiated_at < kRetryAfter) return;
        settle(peer);
        ++counts_.retries;
        want(number);
        return;
    }
    Session* session = peers_.sending(number);
    if (session == nullptr) return;
    const auto age = static_cast<std::int64_t>(now - session->born);
    if (initiates_ && session->initiated && age > crypto::kRekeyAfterTime.count()) want(number);
    if (keepalives_ && session->received_at != 0 &&
        static_cast<std::int64_t>(now - session->received_at) > crypto::kKeepaliveTimeout.count()) {
        send_keepalive(number, *session);
    }
}

void Handshaker::send_keepalive(PeerNumber number, Session& session) {
    struct Keepalive {
        crypto::MessageTransport header;
        std::array<std::uint8_t, crypto::kTagBytes> tag;
    } message;
    const std::uint64_t counter = session.next_counter++;
    message.header = {type_of(crypto::MessageType::transport), session.remote, crypto::Le64(counter)};
    crypto::aead_seal(message.tag, session.send, counter, {}, {});
    session.received_at = 0;
    if (wire_.send(number, bytes_of(message))) ++counts_.keepalives_sent;
}

}  // namespace ringway::load
