#pragma once

#include "control/events/event.h"
#include "control/view/json.h"

namespace ringway::control {

/// As /api/v1/events gives it: a field that has no meaning for the event's kind is left out.
[[nodiscard]] Json to_json(const Event& event);
/// What is sent to a reader in place of events that are gone. `missed`: how many, or nothing if it can't
/// be known.
[[nodiscard]] Json gap_json(std::optional<std::uint64_t> missed);

}  // namespace ringway::control
