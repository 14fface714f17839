#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "control/events/journal.h"

namespace ringway::control::rest {

/// How far one reader of the events has come.
struct EventCursor {
    std::uint64_t next = 1;   ///< the number of the event it is to get next
    bool has_missed = false;  ///< before that, an unknown number of events that are gone
};

/// Where a reader begins: after the event that `last_event_id` names, if it is one of this run of the
/// gateway; empty: with what happens from now on. Any thread.
[[nodiscard]] EventCursor cursor_after(const Journal& journal, std::string_view last_event_id);

/// The next events as server-sent events, about `limit` bytes of them; empty when there are none. A
/// reader that comes too late for some gets an event `gap` in their place. Any thread.
[[nodiscard]] std::string take_events(const Journal& journal, EventCursor& cursor, std::size_t limit);

/// What stands before the events.
inline constexpr std::string_view kEventStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n: connected\n\n";
inline constexpr std::string_view kHeartbeat = ": still here\n\n";

}  // namespace ringway::control::rest
