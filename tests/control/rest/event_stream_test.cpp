#include "control/rest/event_stream.h"

#include <doctest/doctest.h>

namespace ringway::control::rest {
namespace {

constexpr std::size_t kAll = 1 << 20;

struct Filled {
    explicit Filled(int events) {
        for (int i = 0; i < events; ++i)
            add();
    }
    void add() {
        Event event;
        event.tunnel.assign("wg0");
        journal.append(event);
    }
    Journal journal{16, 77};
};

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("a reader begins with what happens from now on") {
    Filled filled(3);
    EventCursor cursor = cursor_after(filled.journal, "");
    CHECK(take_events(filled.journal, cursor, kAll).empty());
    filled.add();
    const std::string text = take_events(filled.journal, cursor, kAll);
    CHECK(text.starts_with("id: 77-4\nevent: peer_up\ndata: {\"sequence\":4,"));
    CHECK(text.ends_with("}\n\n"));
    CHECK(count(text, "\n") == 4);
    CHECK(take_events(filled.journal, cursor, kAll).empty());
}

TEST_CASE("a reader that comes back goes on where it was") {
    Filled filled(5);
    EventCursor cursor = cursor_after(filled.journal, "77-2");
    const std::string text = take_events(filled.journal, cursor, kAll);
    CHECK(count(text, "id: 77-") == 3);
    CHECK(text.starts_with("id: 77-3\n"));
}

TEST_CASE("a reader of another run, or of none, is told of a gap and gets what there is") {
    Filled filled(5);
    for (const char* id : {"76-2", "77-6", "77-", "77-x", "77", "0", "77-2 ", "77--1"}) {
        CAPTURE(id);
        EventCursor cursor = cursor_after(filled.journal, id);
        const std::string text = take_events(filled.journal, cursor, kAll);
        CHECK(text.starts_with("event: gap\ndata: {\"event\":\"gap\",\"missed\":null}\n\nid: 77-1\n"));
        CHECK(count(text, "id: 77-") == 5);
    }
}

TEST_CASE("a reader that is too late is told how many it has missed") {
    Filled filled(2);
    EventCursor cursor = cursor_after(filled.journal, "77-2");
    for (int i = 0; i < 40; ++i)
        filled.add();
    const std::string text = take_events(filled.journal, cursor, kAll);
    const std::uint64_t missed = filled.journal.oldest() - 3;
    CHECK(text.starts_with("event: gap\ndata: {\"event\":\"gap\",\"missed\":" + std::to_string(missed) +
                           "}\n\n"));
    CHECK(count(text, "id: 77-") == 42 - 2 - missed);
}

TEST_CASE("a reader gets no more at a time than it is given room for") {
    Filled filled(10);
    EventCursor cursor = cursor_after(filled.journal, "77-0");
    std::string text;
    std::size_t pieces = 0;
    for (std::string piece; !(piece = take_events(filled.journal, cursor, 1)).empty(); ++pieces)
        text += piece;
    CHECK(pieces == 10);
    CHECK(count(text, "id: 77-") == 10);
}

}  // namespace ringway::control::rest
