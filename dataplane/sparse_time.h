#pragma once

#include <cstddef>
#include <cstdint>

namespace ringway::dataplane {

/// The TSC for what is handed on in small pieces: read anew once in so many packets, for reading it costs as
/// much as handing on a few. What it says is late by the time of those packets at most.
class SparseTime {
  public:
    void set(std::uint64_t cycles) {
        cycles_ = cycles;
        packets_ = 0;
    }
    /// After `packets` more; read() reads the TSC.
    template <typename Read>
    [[nodiscard]] std::uint64_t after(std::size_t packets, Read&& read) {
        packets_ += packets;
        if (packets_ >= kPackets) set(read());
        return cycles_;
    }

  private:
    static constexpr std::size_t kPackets = 16;
    std::uint64_t cycles_ = 0;
    std::size_t packets_ = 0;
};

}  // namespace ringway::dataplane
