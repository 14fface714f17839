#include "control/core/inbox.h"

#include <algorithm>
#include <charconv>

namespace ringway::control {

using dataplane::PeerIndex;

namespace {

constexpr int kHexadecimal = 16;

void append(std::string& text, std::uint64_t number, int base) {
    std::array<char, 20> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    text.append(digits.data(), end);
}

std::optional<std::uint64_t> number_in(std::string_view text, int base) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

std::string InboxCursor::text() const {
    std::string text;
    append(text, life, kHexadecimal);
    text += '-';
    append(text, number, 10);
    return text;
}

std::optional<InboxCursor> InboxCursor::from(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto life = number_in(text.substr(0, dash), kHexadecimal);
    const auto number = number_in(text.substr(dash + 1), 10);
    if (!life || !number) return std::nullopt;
    const InboxCursor cursor{*life, *number};
    // One way to write each: no capitals, no zeros in front.
    if (cursor.text() != text) return std::nullopt;
    return cursor;
}

Inbox::Inbox(std::size_t max_peers, std::uint64_t life)
    : slots_(kMaxOfAll), queues_(max_peers), next_life_(life) {
    for (std::size_t i = slots_.size(); i-- > 0;)
        free_.push_back(static_cast<SlotIndex>(i));
    for (Queue& queue : queues_)
        queue.life = next_life_++;
}

void Inbox::drop_oldest(Queue& queue) {
    const SlotIndex index = queue.oldest;
    const Slot& slot = slots_[index];
    queue.oldest = slot.next_of_peer;
    if (--queue.count == 0) queue.newest = kNone;
    (slot.older != kNone ? slots_[slot.older].newer : oldest_) = slot.newer;
    (slot.newer != kNone ? slots_[slot.newer].older : newest_) = slot.older;
    free_.push_back(index);
}

void Inbox::put(PeerIndex peer, const dataplane::InBandMessage& message, std::uint64_t unix_now) {
    Queue& queue = queues_[peer];
    if (queue.count == kMaxOfPeer) drop_oldest(queue);
    // The oldest of all is the oldest of its peer.
    if (free_.empty()) drop_oldest(queues_[slots_[oldest_].peer]);
    const SlotIndex index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.peer = peer;
    slot.id = message.id;
    slot.received_unix_ns = unix_now;
    slot.bytes = static_cast<std::uint16_t>(message.payload.size());
    std::copy(message.payload.begin(), message.payload.end(), slot.payload.begin());

    slot.next_of_peer = kNone;
    (queue.newest != kNone ? slots_[queue.newest].next_of_peer : queue.oldest) = index;
    queue.newest = index;
    ++queue.count;
    ++queue.last;
    slot.newer = kNone;
    slot.older = newest_;
    (newest_ != kNone ? slots_[newest_].newer : oldest_) = index;
    newest_ = index;
}

void Inbox::clear(PeerIndex peer) {
    Queue& queue = queues_[peer];
    while (queue.count != 0)
        drop_oldest(queue);
    queue = Queue{};
    queue.life = next_life_++;
}

Inbox::Unread Inbox::read(PeerIndex peer, const std::optional<InboxCursor>& cursor) const {
    const Queue& queue = queues_[peer];
    // A number that was never given is no cursor of ours either.
    const bool known = cursor && cursor->life == queue.life && cursor->number <= queue.last;
    const std::uint64_t read = known ? cursor->number : 0;
    std::uint64_t number = queue.last - queue.count;
    Unread unread{
        .messages = {}, .missed = number > read ? number - read : 0, .next = {queue.life, queue.last}};
    for (SlotIndex at = queue.oldest; at != kNone; at = slots_[at].next_of_peer) {
        if (++number <= read) continue;
        const Slot& slot = slots_[at];
        unread.messages.push_back({.cursor = {queue.life, number},
                                   .id = slot.id,
                                   .received_unix_ns = slot.received_unix_ns,
                                   .payload = {slot.payload.begin(), slot.payload.begin() + slot.bytes}});
    }
    return unread;
}

}  // namespace ringway::control
