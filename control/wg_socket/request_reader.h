#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "control/wg_socket/device.h"

namespace ringway::control {

struct WgGetRequest {};
using WgRequest = std::variant<WgGetRequest, WgSetRequest>;

/// How much one request may ask for. More is refused with E2BIG.
struct WgRequestLimits {
    std::size_t peers = 1'000'000;
    std::size_t allowed_ips = 4'000'000;
};

/// Puts one request together out of text that arrives in pieces of any size.
///
/// A request is lines `key=value`, the first `get=1` or `set=1`, and ends with an empty line. One
/// wrong line makes the whole request wrong: unknown or misplaced keys, a value out of range or with
/// anything before or after it, a line longer than any good one, a public key that comes twice
/// (all EINVAL). A wrong request is read up to its empty line all the same, so that the next one
/// starts where the client thinks it does.
///
/// Text that carried keys is wiped here; the caller wipes what it passed in.
class WgRequestReader {
  public:
    explicit WgRequestReader(WgRequestLimits limits = {}) : limits_(limits) {}
    ~WgRequestReader();
    WgRequestReader(const WgRequestReader&) = delete;
    WgRequestReader& operator=(const WgRequestReader&) = delete;
    WgRequestReader(WgRequestReader&&) = delete;
    WgRequestReader& operator=(WgRequestReader&&) = delete;

    /// Takes text up to the end of the request and returns how many bytes it took; fewer than given
    /// only when complete().
    std::size_t consume(std::string_view text);
    /// Whether the empty line has come.
    [[nodiscard]] bool complete() const { return complete_; }
    /// Whether the request that is being read began as a `get`.
    [[nodiscard]] bool is_get() const { return kind_ == Kind::get; }
    /// The request, or why it is refused. Afterwards the next one can be read. REQUIRES: complete().
    [[nodiscard]] tl::expected<WgRequest, Errno> take();

  private:
    enum class Kind { unknown, get, set };

    /// Longer than the longest good line, `preshared_key=` and 64 digits.
    static constexpr std::size_t kMaxLine = 127;

    void add_to_line(std::string_view piece);
    void end_line();
    void read_line(std::string_view line);
    void read_first_line(std::string_view line);
    [[nodiscard]] Errno read_set_line(std::string_view line);
    void refuse(Errno error);
    void reset();

    WgRequestLimits limits_;
    Kind kind_ = Kind::unknown;
    bool complete_ = false;
    Errno error_ = 0;
    std::size_t allowed_ips_ = 0;
    WgSetRequest set_;
    std::array<char, kMaxLine> line_{};
    std::size_t line_size_ = 0;
    bool line_too_long_ = false;
};

/// Reads a request that is whole: `text` must end with its empty line and hold nothing after it.
[[nodiscard]] tl::expected<WgRequest, Errno> parse_wg_request(std::string_view text,
                                                              WgRequestLimits limits = {});

}  // namespace ringway::control
