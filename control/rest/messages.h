#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/core/inbox.h"
#include "control/view/json.h"

namespace ringway::control::rest {

/// What the body of a POST asks to be sent: bytes, from {"text": "..."} or {"data": "BASE64"}. Throws
/// Problem, naming the field.
[[nodiscard]] std::vector<std::uint8_t> payload_in(const std::string& body);

/// The messages that a GET gives: `text` is null where the bytes are no UTF-8.
[[nodiscard]] Json to_json(const Inbox::Unread& unread);
/// What a POST is answered with.
[[nodiscard]] Json sent_json(std::uint64_t id, std::size_t bytes);

/// Examples of a list with all that may be in it, and with all that may be missing, for the schema.
[[nodiscard]] Json full_messages();
[[nodiscard]] Json bare_messages();
/// The schema of the body of a POST.
[[nodiscard]] Json message_to_send_schema();

}  // namespace ringway::control::rest
