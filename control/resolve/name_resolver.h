#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/ip_address.h"

namespace ringway::control {

/// Asks the host's resolver (getaddrinfo: hosts file, DNS, whatever nsswitch.conf says) for addresses, on
/// threads of its own, since an answer may take many seconds.
class NameResolver {
  public:
    static constexpr unsigned kThreads = 2;

    struct Answer {
        std::uint64_t ticket = 0;
        std::vector<dataplane::IpAddress> addresses;  ///< the best first (RFC 6724); none: see `error`
        std::string error;
    };

    /// Throws std::system_error.
    NameResolver();
    /// Does not wait for answers that are under way.
    ~NameResolver();
    NameResolver(const NameResolver&) = delete;
    NameResolver& operator=(const NameResolver&) = delete;

    /// The answer will bear the ticket. Control thread.
    void ask(std::uint64_t ticket, const std::string& host);
    /// Becomes readable when an answer is there.
    [[nodiscard]] int fd() const;
    /// The answers that came since the last call. Control thread.
    [[nodiscard]] std::vector<Answer> take();

  private:
    struct Shared;
    static void work(const std::shared_ptr<Shared>& shared);

    std::shared_ptr<Shared> shared_;  ///< threads that still wait for an answer keep it
};

}  // namespace ringway::control
