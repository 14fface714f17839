#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/bundle.h"
#include "dataplane/in_band_header.h"

namespace ringway::control {

/// Where someone stands who reads a peer's messages: behind number `number` of the inbox's life `life`. A
/// life ends with the peer or the gateway, so a cursor of another one is known for that.
struct InboxCursor {
    std::uint64_t life = 0;
    std::uint64_t number = 0;

    /// As it is told: hexadecimal digits, a dash, the number.
    [[nodiscard]] std::string text() const;
    /// Nothing if it is not what text() gives.
    [[nodiscard]] static std::optional<InboxCursor> from(std::string_view text);
    bool operator==(const InboxCursor&) const = default;
};

/// An in-band message that a peer sent, copied.
struct ReceivedMessage {
    InboxCursor cursor;
    std::uint64_t id = 0;  ///< the sender's
    std::uint64_t received_unix_ns = 0;
    std::vector<std::uint8_t> payload;
};

/// The in-band messages received last, until newer ones push them out: of each peer, and of all. A peer
/// pushes out its own until many peers send at once. Control thread; allocates at construction only, but for
/// what read() returns.
class Inbox {
  public:
    static constexpr std::size_t kMaxOfPeer = 16;
    static constexpr std::size_t kMaxOfAll = 1024;

    /// `life`: unpredictable, so that no earlier gateway had it.
    Inbox(std::size_t max_peers, std::uint64_t life);

    void put(dataplane::PeerIndex peer, const dataplane::InBandMessage& message, std::uint64_t unix_now);
    /// The peer is no more: its messages go, and its cursors are good for nothing.
    void clear(dataplane::PeerIndex peer);

    struct Unread {
        std::vector<ReceivedMessage> messages;  ///< oldest first
        std::uint64_t missed = 0;               ///< pushed out before they were read
        InboxCursor next;                       ///< behind all of them
    };
    /// What lies behind `cursor`; with none, or one of another life, all there is.
    [[nodiscard]] Unread read(dataplane::PeerIndex peer, const std::optional<InboxCursor>& cursor) const;

    /// Messages of all peers.
    [[nodiscard]] std::size_t count() const { return slots_.size() - free_.size(); }

  private:
    using SlotIndex = std::uint32_t;
    static constexpr SlotIndex kNone = 0xffffffff;

    /// In two lists: the peer's, and all by age.
    struct Slot {
        dataplane::PeerIndex peer = dataplane::kNoPeer;
        SlotIndex next_of_peer = kNone;
        SlotIndex older = kNone;
        SlotIndex newer = kNone;
        std::uint64_t id = 0;
        std::uint64_t received_unix_ns = 0;
        std::uint16_t bytes = 0;
        std::array<std::uint8_t, dataplane::kMaxInBandPayload> payload;
    };
    /// One peer's messages. The newest has the number `last`, and they have no gaps.
    struct Queue {
        SlotIndex oldest = kNone;
        SlotIndex newest = kNone;
        std::uint32_t count = 0;
        std::uint64_t life = 0;
        std::uint64_t last = 0;
    };

    void drop_oldest(Queue& queue);

    std::vector<Slot> slots_;
    std::vector<SlotIndex> free_;
    std::vector<Queue> queues_;  ///< by PeerIndex
    std::uint64_t next_life_;
    SlotIndex oldest_ = kNone;
    SlotIndex newest_ = kNone;
};

}  // namespace ringway::control
