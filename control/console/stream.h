#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "control/file_descriptor.h"

namespace ringway::control::console {

/// Two descriptors of a console, and one that becomes readable when all consoles are to end. Neither
/// reading nor writing outlasts that; writing gives up on a reader that takes nothing for kPatience.
class Stream {
  public:
    static constexpr std::chrono::seconds kPatience{10};
    /// How long one who has connected may say nothing at all.
    static constexpr std::chrono::seconds kGreeting{3};

    /// Does not own `in` and `out`, which may be the same, nor `stop`. Both should be non-blocking.
    Stream(int in, int out, int stop) : in_(in), out_(out), stop_(stop) {}

    /// What has come, waiting for it: at least a byte, or nothing when there will be no more.
    [[nodiscard]] std::string_view read(std::span<char> buffer) const { return read(buffer, -1); }
    /// The same for the first bytes: nothing, too, if none come in time.
    [[nodiscard]] std::string_view read_greeting(std::span<char> buffer) const;
    /// False if not all of it could be written.
    [[nodiscard]] bool write(std::string_view text) const;
    /// Of the terminal that is written to; nothing if it is none.
    [[nodiscard]] std::optional<std::size_t> columns() const;

  private:
    enum class Ready : unsigned char { yes, no, stopped };
    [[nodiscard]] Ready wait(int fd, short events, int milliseconds) const;
    [[nodiscard]] std::string_view read(std::span<char> buffer, int milliseconds) const;

    int in_;
    int out_;
    int stop_;
};

}  // namespace ringway::control::console
