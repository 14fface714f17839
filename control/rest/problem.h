#pragma once

#include <stdexcept>
#include <string>

#include "control/rest/message.h"

namespace ringway::control::rest {

/// What is wrong with a request, as RFC 9457 has it told. Handlers throw it; Api makes the response.
class Problem : public std::runtime_error {
  public:
    /// `field`: which field of the body or the query is wrong; empty if none.
    Problem(int status, const std::string& detail, std::string field = {})
        : std::runtime_error(detail), status_(status), field_(std::move(field)) {}

    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] const std::string& field() const { return field_; }

  private:
    int status_;
    std::string field_;
};

/// An application/problem+json document.
[[nodiscard]] Response problem_response(const Problem& problem);
/// The standard phrase of a status.
[[nodiscard]] std::string_view title_of(int status);

}  // namespace ringway::control::rest
