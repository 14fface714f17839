#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "control/file_descriptor.h"
#include "control/wg_socket/device_writer.h"
#include "control/wg_socket/request_reader.h"

namespace ringway::control {

/// Monotonic nanoseconds, from the owner's clock.
using Nanoseconds = std::uint64_t;

/// One client of a WgSocketServer: reads a request, answers it, reads the next. While an answer
/// waits for the client to read it nothing more is read from the client, so neither side of a
/// connection ever holds more than a fixed amount of text.
class WgConnection {
  public:
    WgConnection(FileDescriptor socket, WgRequestLimits limits, Nanoseconds now)
        : socket_(std::move(socket)), reader_(limits), last_progress_(now) {}
    ~WgConnection();
    WgConnection(const WgConnection&) = delete;
    WgConnection& operator=(const WgConnection&) = delete;
    WgConnection(WgConnection&&) = delete;
    WgConnection& operator=(WgConnection&&) = delete;

    /// Reads and writes what it can without blocking, up to a budget that leaves other clients
    /// their turn. False: the client is gone. A request that was not complete then never happened.
    [[nodiscard]] bool serve(std::string_view tunnel, WgDeviceControl& control, Nanoseconds now);

    /// Whether serve() waits for room to write (or merely for its next turn) rather than for input.
    [[nodiscard]] bool waits_to_write() const { return replying() || unread_begin_ < unread_end_; }
    /// When a byte last went either way.
    [[nodiscard]] Nanoseconds last_progress() const { return last_progress_; }
    [[nodiscard]] int fd() const { return socket_.get(); }

  private:
    enum class Io { progress, blocked, closed };

    [[nodiscard]] bool replying() const { return writer_.has_value() || sent_ < filled_; }
    [[nodiscard]] Io receive();
    [[nodiscard]] Io send();
    void read_request(std::string_view tunnel, WgDeviceControl& control);
    void answer(std::string_view tunnel, WgDeviceControl& control);
    void reply(int result);

    static constexpr std::size_t kInputBytes = std::size_t{16} << 10;
    static constexpr std::size_t kOutputBytes = std::size_t{64} << 10;

    FileDescriptor socket_;
    WgRequestReader reader_;
    std::optional<WgDeviceWriter> writer_;
    Nanoseconds last_progress_;
    std::size_t unread_begin_ = 0;
    std::size_t unread_end_ = 0;
    std::size_t sent_ = 0;
    std::size_t filled_ = 0;
    std::array<char, kInputBytes> input_;
    std::array<char, kOutputBytes> output_;
};

}  // namespace ringway::control
