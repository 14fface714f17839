// In-band messages over REST (P14): to a peer by its key, and from it.

#include "control/rest/messages.h"

#include <fmt/format.h>

#include "config/base64.h"
#include "config/utf8.h"
#include "control/rest/api.h"
#include "control/rest/body.h"
#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

constexpr const char* kPath = "/api/v1/tunnels/{t}/peers/{key}/messages";

std::string id_text(std::uint64_t id) {
    return fmt::format("{:016x}", id);
}

Json to_json(const ReceivedMessage& message) {
    const std::string text(message.payload.begin(), message.payload.end());
    return {{"cursor", message.cursor.text()},
            {"id", id_text(message.id)},
            {"received", time_text(message.received_unix_ns)},
            {"received_unix_seconds", static_cast<double>(message.received_unix_ns) * 1e-9},
            {"length_bytes", message.payload.size()},
            {"data", config::base64_encode(message.payload)},
            {"text", config::is_utf8(text) ? Json(text) : Json(nullptr)}};
}

/// Which field of the body says what to send.
const char* field_of(const Json& body) {
    for (const auto& [name, value] : body.items()) {
        if (name != "text" && name != "data")
            throw Problem(422, "unknown field: expected text or data", name);
        if (!value.is_string()) throw Problem(422, "expected a string", name);
    }
    if (body.size() != 1) throw Problem(422, "expected either text or data", "text");
    return body.contains("text") ? "text" : "data";
}

/// Where a reader goes on.
std::optional<InboxCursor> cursor_of(const Request& request) {
    const auto given = request.query.find("cursor");
    if (given == request.query.end()) return std::nullopt;
    const auto cursor = InboxCursor::from(given->second);
    if (!cursor) throw Problem(400, "expected a cursor or next_cursor of an earlier answer", "cursor");
    return cursor;
}

}  // namespace

std::vector<std::uint8_t> payload_in(const std::string& body) {
    const Json json = object_in(body);
    const std::string field = field_of(json);
    const auto value = json[field].get<std::string>();
    std::vector<std::uint8_t> payload(value.begin(), value.end());
    if (field == "data") {
        auto decoded = config::base64_decode(value);
        if (!decoded) throw Problem(422, "expected base64", field);
        payload = std::move(*decoded);
    }
    if (payload.empty()) throw Problem(422, "a message needs at least one byte", field);
    if (payload.size() > dataplane::kMaxInBandPayload) {
        throw Problem(
            413, fmt::format("{} bytes, expected at most {}", payload.size(), dataplane::kMaxInBandPayload),
            field);
    }
    return payload;
}

Json to_json(const Inbox::Unread& unread) {
    Json items = Json::array();
    for (const ReceivedMessage& message : unread.messages)
        items.push_back(to_json(message));
    return {
        {"items", std::move(items)}, {"next_cursor", unread.next.text()}, {"missed_messages", unread.missed}};
}

Json sent_json(std::uint64_t id, std::size_t bytes) {
    return {{"id", id_text(id)}, {"length_bytes", bytes}};
}

Json full_messages() {
    return to_json(Inbox::Unread{.messages = {{.cursor = {}, .payload = {'a'}}}, .missed = 0, .next = {}});
}

Json bare_messages() {
    return to_json(Inbox::Unread{.messages = {{.cursor = {}, .payload = {0xff}}}, .missed = 0, .next = {}});
}

Json message_to_send_schema() {
    const auto text = [](const char* what) { return Json{{"type", "string"}, {"description", what}}; };
    return {{"type", "object"},
            {"additionalProperties", false},
            {"minProperties", 1},
            {"maxProperties", 1},
            {"properties",
             {{"text", text("UTF-8, at most 1024 bytes of it")},
              {"data", text("Base64 of at most 1024 bytes")}}}};
}

void Api::add_messages() {
    add({"GET",
         kPath,
         "Messages that the peer sent, those behind the cursor",
         "Messages",
         {"cursor"},
         [this](const Request& request) { return list_messages(request); }});
    add({"POST",
         kPath,
         "Sends the peer a message, with no need of an address inside the tunnel",
         "MessageQueued",
         {},
         [this](const Request& request) { return send_message(request); },
         "MessageToSend",
         202,
         {409}});
}

Response Api::list_messages(const Request& request) const {
    const auto cursor = cursor_of(request);
    return json_response(
        to_json(from_.calls.call([&] { return from_.core.inbox().read(peer_of(request), cursor); })));
}

Response Api::send_message(const Request& request) const {
    const std::vector<std::uint8_t> payload = payload_in(request.body);
    return from_.calls.call([&] {
        const PeerIndex peer = peer_of(request);
        const auto id = from_.core.send_message(peer, payload);
        if (id) return json_response(sent_json(*id, payload.size()), 202);
        switch (id.error()) {
            case MessageRefusal::bad_length:
                throw Problem(413,
                              fmt::format("{} bytes, expected at most {}: the tunnel's MTU is small",
                                          payload.size(), from_.core.max_message_bytes(peer)),
                              object_in(request.body).contains("text") ? "text" : "data");
            case MessageRefusal::no_endpoint:
                throw Problem(409, "the peer has no endpoint: none is configured, and it has not called yet");
            case MessageRefusal::queue_full:
                break;
        }
        throw Problem(503, "too many messages wait to be sent: try again");
    });
}

}  // namespace ringway::control::rest
