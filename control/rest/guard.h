#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/rest/message.h"

namespace ringway::control::rest {

/// Who may ask for what (interfaces.md, REST): the token, and the rules that keep web pages out.
/// A page in an operator's browser can send requests here; it can set neither Host nor Origin, nor, without
/// our consent, a JSON content type.
class Guard {
  public:
    struct Options {
        std::string token;             ///< empty: none is configured
        bool token_for_reads = false;  ///< beyond loopback every request needs it
        /// Names that the Host header may bear, in lower case, beside any IP address.
        std::vector<std::string> hosts;
    };
    explicit Guard(Options options) : options_(std::move(options)) {}

    /// Throws Problem if the request may not pass.
    void check(const Request& request) const;

  private:
    void check_host(const Request& request) const;
    void check_origin(const Request& request) const;
    void check_token(const Request& request) const;

    Options options_;
};

/// GET and HEAD change nothing.
[[nodiscard]] bool is_read(const Request& request);

}  // namespace ringway::control::rest
