#include "control/core/inbox.h"

#include <doctest/doctest.h>

namespace ringway::control {
namespace {

using Numbers = std::vector<std::uint64_t>;

void put(Inbox& inbox, dataplane::PeerIndex peer, std::uint64_t id) {
    const std::vector<std::uint8_t> payload(id % 1000 + 1, static_cast<std::uint8_t>(id));
    inbox.put(peer, {id, payload}, id);
}

Numbers ids(const Inbox::Unread& unread) {
    Numbers all;
    for (const ReceivedMessage& message : unread.messages) {
        all.push_back(message.id);
        CHECK(message.payload ==
              std::vector<std::uint8_t>(message.id % 1000 + 1, static_cast<std::uint8_t>(message.id)));
    }
    return all;
}

Numbers from_to(std::uint64_t first, std::uint64_t last) {
    Numbers all;
    for (; first <= last; ++first)
        all.push_back(first);
    return all;
}

}  // namespace

TEST_CASE("with a cursor nothing is read twice, and what was pushed out is counted") {
    Inbox inbox(4, 77);
    Inbox::Unread unread = inbox.read(1, {});
    CHECK(unread.messages.empty());
    const InboxCursor empty = unread.next;
    put(inbox, 1, 1);
    put(inbox, 2, 100);
    put(inbox, 1, 2);
    unread = inbox.read(1, empty);
    CHECK(ids(unread) == Numbers{1, 2});
    CHECK(ids(inbox.read(1, unread.next)).empty());
    CHECK(ids(inbox.read(1, unread.messages[0].cursor)) == Numbers{2});
    CHECK(inbox.read(1, unread.messages[1].cursor).next == unread.next);
    for (std::uint64_t id = 3; id <= 20; ++id)
        put(inbox, 1, id);
    CHECK(inbox.count() == Inbox::kMaxOfPeer + 1);
    const Inbox::Unread later = inbox.read(1, unread.next);
    CHECK(ids(later) == from_to(5, 20));
    CHECK(later.missed == 2);
    CHECK(inbox.read(1, {}).missed == 4);
    CHECK(inbox.read(1, later.next).missed == 0);
    CHECK(ids(inbox.read(2, {})) == Numbers{100});
}

TEST_CASE("a cursor of another peer, another life or never given is read as none") {
    Inbox inbox(4, 77);
    put(inbox, 0, 1);
    put(inbox, 1, 2);
    const InboxCursor first = inbox.read(0, {}).next;
    CHECK(ids(inbox.read(1, first)) == Numbers{2});
    CHECK(ids(inbox.read(0, InboxCursor{first.life, 2})) == Numbers{1});
    inbox.clear(0);
    CHECK(inbox.read(0, first).messages.empty());
    put(inbox, 0, 3);
    CHECK(ids(inbox.read(0, first)) == Numbers{3});
    CHECK(ids(Inbox(4, 78).read(0, first)).empty());
}

TEST_CASE("the inbox of all is bounded: the oldest goes, whoever sent it") {
    Inbox inbox(2000, 1);
    for (std::uint32_t peer = 0; peer < 1100; ++peer)
        put(inbox, peer, peer);
    CHECK(inbox.count() == Inbox::kMaxOfAll);
    CHECK(inbox.read(75, {}).messages.empty());
    CHECK(inbox.read(75, {}).missed == 1);
    CHECK(ids(inbox.read(76, {})) == Numbers{76});
    // One peer alone pushes out only its own, however much it sends.
    for (std::uint64_t id = 0; id < 1000; ++id)
        put(inbox, 1500, id);
    CHECK(inbox.read(76 + Inbox::kMaxOfPeer - 1, {}).messages.empty());
    CHECK(ids(inbox.read(76 + Inbox::kMaxOfPeer, {})).size() == 1);
    CHECK(ids(inbox.read(1500, {})) == from_to(984, 999));
    for (std::uint32_t peer = 0; peer < 2000; ++peer)
        inbox.clear(peer);
    CHECK(inbox.count() == 0);
}

TEST_CASE("a cursor is written in one way") {
    const InboxCursor cursor{0x1234abcd5678ef00, 42};
    CHECK(cursor.text() == "1234abcd5678ef00-42");
    CHECK(InboxCursor::from(cursor.text()) == cursor);
    CHECK(InboxCursor::from("ffffffffffffffff-18446744073709551615"));
    for (const char* wrong : {"", "-", "1-", "-1", "1", "1-2-3", "01-2", "1-02", "A-1", " 1-2", "1-2 ",
                              "1--2", "g-1", "1-a", "10000000000000000-1", "1-18446744073709551616", "+1-1"})
        CHECK_FALSE(InboxCursor::from(wrong).has_value());
}

}  // namespace ringway::control
