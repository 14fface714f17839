#pragma once

#include <cstddef>
#include <span>

#include "control/wg_socket/device.h"

namespace ringway::control {

/// Writes a tunnel's state as the answer to `get`, piece by piece, so that a hundred thousand
/// peers need no buffer of tens of megabytes. The last piece is `errno=0` and the empty line.
class WgDeviceWriter {
  public:
    /// No piece is longer.
    static constexpr std::size_t kMaxPiece = 768;

    explicit WgDeviceWriter(WgDevice device) : device_(std::move(device)) {}

    /// Fills `out` with as many pieces as fit and returns the bytes written: zero when all has been
    /// written before. REQUIRES: out.size() >= kMaxPiece. The caller wipes `out`: it holds keys.
    [[nodiscard]] std::size_t next(std::span<char> out);

  private:
    enum class Stage { device, peer, allowed_ips, end, done };

    [[nodiscard]] char* write_piece(char* out);
    void next_peer();

    WgDevice device_;
    Stage stage_ = Stage::device;
    std::size_t peer_ = 0;
    std::size_t allowed_ip_ = 0;
};

}  // namespace ringway::control
