#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "control/events/journal.h"
#include "control/rest/address_limits.h"
#include "control/rest/connection.h"
#include "control/rest/framing.h"
#include "control/rest/tls.h"
#include "control/rest/workers.h"

namespace ringway::control::rest {

/// The thread that all clients are at: it accepts them, reads requests, hands those that are whole to
/// Workers, writes what they reply, and streams events. It waits for no client, so a thousand that do
/// nothing cost it a thousand descriptors and nobody else anything; and each has so long, and no longer,
/// for what it does.
class Front {
  public:
    static constexpr std::size_t kMaxConnections = 512;
    static constexpr std::size_t kMaxOfOneAddress = 256;
    static constexpr std::size_t kMaxStreams = 32;
    /// Memory for the bodies that are being read, of all clients.
    static constexpr std::size_t kMaxBodies = std::size_t{16} << 20;

    /// REQUIRES: `listener` listens and does not block. `tls`: nothing for plain HTTP. Throws
    /// std::system_error. What is referred to must outlive it.
    Front(FileDescriptor listener, std::optional<TlsContext> tls, Workers& workers, const Journal& journal);

    /// Serves until stop(). One thread.
    void run();
    /// Any thread.
    void stop();
    /// Writing here wakes the streams: see Journal::set_wake().
    [[nodiscard]] int wake_fd() const { return wake_.get(); }

  private:
    using State = Connection::State;
    using Id = std::uint64_t;

    // front.cpp: who is there
    void watch(int fd, Id id);
    void accept_clients();
    void welcome(FileDescriptor socket, const ClientAddress& from);
    [[nodiscard]] bool make_room_for(const ClientAddress& from);
    [[nodiscard]] bool evict_of(const ClientAddress& from);
    void drop(Id id);
    void look_at_deadlines();
    void update_interest(Id id, Connection& client);

    // front_requests.cpp: what is done with a client. False: it is gone.
    [[nodiscard]] bool go_on(Id id, Connection& client);
    [[nodiscard]] bool read_request(Id id, Connection& client);
    [[nodiscard]] bool expect_body(Connection& client, const Framing& framing);
    void hand_on(Id id, Connection& client, std::size_t bytes);
    void release(Connection& client);
    void refuse(Connection& client, int status, const char* why, unsigned retry_after = 0);
    void take_replies();
    void answer(Connection& client, Reply reply);
    [[nodiscard]] bool write_on(Id id, Connection& client);
    [[nodiscard]] bool stream(Connection& client);
    [[nodiscard]] bool too_late(Id id, Connection& client);
    void wake_streams();
    void enter(Connection& client, State state, Nanoseconds patience);

    FileDescriptor listener_;
    std::optional<TlsContext> tls_;
    Workers& workers_;
    const Journal& journal_;
    FileDescriptor epoll_;
    FileDescriptor wake_;
    std::atomic<bool> stop_{false};
    Nanoseconds now_ = 0;
    Nanoseconds next_look_ = 0;
    bool accepting_ = true;
    Id next_id_ = 0;
    std::map<Id, std::unique_ptr<Connection>> clients_;
    AddressLimits limits_;
    std::size_t streams_ = 0;
    std::size_t reserved_ = 0;
};

}  // namespace ringway::control::rest
