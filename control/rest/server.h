#pragma once

#include <memory>
#include <string>
#include <thread>

#include "config/configuration.h"
#include "control/rest/api.h"

namespace httplib {
class Server;
}

namespace ringway::control::rest {

/// Carries the API over HTTP, or HTTPS, on threads of its own. What a client may cost is bounded: requests
/// by size, connections by the time that they may take.
class Server {
  public:
    static constexpr std::size_t kThreads = 8;
    static constexpr std::size_t kMaxBody = std::size_t{1} << 20;

    /// Binds and begins to serve. REQUIRES: rest.listen. `api` must outlive it. Throws std::runtime_error
    /// naming the address and what failed.
    Server(const config::Rest& rest, const Api& api);
    /// Ends what is being served. Whatever waits for the control thread must have been let go before.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

  private:
    std::unique_ptr<httplib::Server> http_;
    std::thread acceptor_;
};

/// The guard that a configuration asks for. Throws std::runtime_error if the token file can't be read.
[[nodiscard]] Guard guard_of(const config::Rest& rest);

}  // namespace ringway::control::rest
