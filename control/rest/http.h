#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "control/rest/message.h"

namespace ringway::control::rest {

/// What a worker makes of one request.
struct Reply {
    int status = 500;
    std::string bytes;  ///< head and body, as they go over the wire
    bool close = false;
    std::optional<EventCursor> events;  ///< they follow, for as long as the client stays
};

/// HTTP/1.1 from memory to memory: cpp-httplib reads the request and writes the response, and no socket
/// is near it, so nothing here waits for a client. One worker's.
class Http {
  public:
    /// Never throws.
    using Handler = std::function<Response(Request)>;

    explicit Http(Handler handler);
    ~Http();
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;

    /// `request`: one whole request, as frame() finds it.
    [[nodiscard]] Reply reply(std::string_view request, bool has_client_certificate);

  private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

/// The response to what is refused before it is a request; the connection ends with it. `retry_after`:
/// seconds, 0: not said.
[[nodiscard]] std::string refusal_text(int status, const std::string& detail, unsigned retry_after = 0);

}  // namespace ringway::control::rest
