#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "control/file_descriptor.h"
#include "control/rest/address_limits.h"
#include "control/rest/event_stream.h"
#include "control/rest/tls.h"
#include "control/rest/wiped.h"

namespace ringway::control::rest {

/// Monotonic nanoseconds.
using Nanoseconds = std::uint64_t;

/// One client: its socket, which does not block, what has come of it and what is to go. Front's thread.
class Connection {
  public:
    enum class State : unsigned char {
        shaking_hands,  ///< TLS
        reading,        ///< waits for a request, or the rest of one
        handling,       ///< a worker has its request
        writing,        ///< `out` leaves
        streaming,      ///< `out` leaves, and events are added to it
        lingering,      ///< all is said; what still comes is thrown away so that the answer arrives
    };

    Connection(FileDescriptor socket, std::unique_ptr<TlsSession> tls, const ClientAddress& from,
               Nanoseconds now);

    [[nodiscard]] int fd() const { return socket_.get(); }
    /// Goes on with the TLS handshake.
    [[nodiscard]] Moved shake_hands();
    /// Reads into `in` what there is, up to `limit` bytes of it.
    [[nodiscard]] Moved fill(std::size_t limit);
    /// Writes what it can of `out`. `some`: all of it.
    [[nodiscard]] Moved flush();
    /// Throws away what there is.
    [[nodiscard]] Moved discard();
    /// From now on the kernel keeps about so much of what the client has not taken.
    void bound_send_buffer(int bytes);
    /// Nothing more is said.
    void finish();
    [[nodiscard]] bool has_client_certificate() const { return tls_ && tls_->has_client_certificate(); }

    State state;
    ClientAddress from;
    Nanoseconds since;         ///< when it came into its state
    Nanoseconds deadline = 0;  ///< when it is cut off; 0: not
    WipedText in;
    std::string out;
    bool continue_sent = false;   ///< for the request that is being read
    bool close_after = false;     ///< after `out`
    bool wants_to_write = false;  ///< TLS waits for the socket to take something
    std::uint32_t watched = 0;    ///< the epoll events that are asked for
    std::size_t wanted = 0;       ///< how long the request will be, once its head is known
    std::size_t reserved = 0;     ///< of the memory for bodies
    std::optional<EventCursor> cursor;
    Nanoseconds last_sent = 0;  ///< streaming: when something was last put into `out`

  private:
    [[nodiscard]] Moved read_some(char* to, std::size_t room);
    [[nodiscard]] Moved write_some(const char* from, std::size_t bytes);

    FileDescriptor socket_;
    std::unique_ptr<TlsSession> tls_;
    std::size_t written_ = 0;  ///< of `out`
};

}  // namespace ringway::control::rest
