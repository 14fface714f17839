#pragma once

#include <cstddef>
#include <string_view>

namespace ringway::control::rest {

inline constexpr std::size_t kMaxHeadBytes = std::size_t{16} << 10;
inline constexpr std::size_t kMaxTargetBytes = std::size_t{4} << 10;
inline constexpr std::size_t kMaxHeaders = 64;
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20;

/// Where the first request in a connection's bytes ends, found before anything is made of it: a request
/// is handled once it is there whole, so that a client that sends slowly keeps nobody busy.
struct Framing {
    enum class State : unsigned char {
        head,     ///< the head is not complete
        body,     ///< the head is; `bytes` is what the request will have
        whole,    ///< the request is the first `bytes` bytes
        refused,  ///< by `status` and `why`; where it ends is not known
    };
    State state = State::head;
    std::size_t bytes = 0;
    bool expects_continue = false;  ///< the client waits for a word before it sends the body
    int status = 0;
    const char* why = "";
};

/// Strict, as RFC 9112 allows: a length is one number, bodies are not chunked and not encoded, lines end
/// with CRLF and aren't continued. So nobody behind this finds another end of the request.
[[nodiscard]] Framing frame(std::string_view bytes);

}  // namespace ringway::control::rest
