#include "control/rest/event_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "control/events/json.h"

namespace ringway::control::rest {
namespace {

std::string line_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_of_event(const Event& event, std::uint64_t epoch) {
    return fmt::format("id: {}-{}\nevent: {}\ndata: {}\n\n", epoch, event.sequence, name(event.kind),
                       line_of(to_json(event)));
}

std::string text_of_gap(std::optional<std::uint64_t> missed) {
    return fmt::format("event: gap\ndata: {}\n\n", line_of(gap_json(missed)));
}

/// The number in "EPOCH-NUMBER", if the epoch is this one.
std::optional<std::uint64_t> number_in(std::string_view id, std::uint64_t epoch) {
    const std::string prefix = std::to_string(epoch) + "-";
    if (!id.starts_with(prefix)) return std::nullopt;
    id.remove_prefix(prefix.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
    return number;
}

}  // namespace

EventCursor cursor_after(const Journal& journal, std::string_view last_event_id) {
    const std::uint64_t newest = journal.newest();
    if (last_event_id.empty()) return {.next = newest + 1};
    const auto number = number_in(last_event_id, journal.epoch());
    if (number && *number <= newest) return {.next = *number + 1};
    return {.next = journal.oldest(), .has_missed = true};
}

std::string take_events(const Journal& journal, EventCursor& cursor, std::size_t limit) {
    std::string text;
    if (std::exchange(cursor.has_missed, false)) text += text_of_gap(std::nullopt);
    while (text.size() < limit && cursor.next <= journal.newest()) {
        const auto event = journal.read(cursor.next);
        if (event) {
            text += text_of_event(*event, journal.epoch());
            ++cursor.next;
            continue;
        }
        const std::uint64_t oldest = std::max(journal.oldest(), cursor.next + 1);
        text += text_of_gap(oldest - cursor.next);
        cursor.next = oldest;
    }
    return text;
}

}  // namespace ringway::control::rest
