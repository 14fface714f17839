#pragma once

#include <thread>

#include "config/configuration.h"
#include "control/rest/api.h"
#include "control/rest/front.h"
#include "control/rest/workers.h"

namespace ringway::control::rest {

/// Carries the API over HTTP, or HTTPS, on threads of its own: one, Front, is at the clients, and
/// Workers make the replies. What a client may cost is bounded: see Front, framing.h and AddressLimits.
class Server {
  public:
    static constexpr std::size_t kWorkers = 4;

    /// Binds and begins to serve. REQUIRES: rest.listen. `api` and `journal` must outlive it; control
    /// thread. Throws std::runtime_error naming the address and what failed.
    Server(const config::Rest& rest, const Api& api, Journal& journal);
    /// Ends what is being served. Whatever waits for the control thread must have been let go before.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

  private:
    Workers workers_;
    Front front_;
    Journal& journal_;
    std::thread thread_;
};

/// The guard that a configuration asks for. Throws std::runtime_error if the token file can't be read.
[[nodiscard]] Guard guard_of(const config::Rest& rest);

}  // namespace ringway::control::rest
