#pragma once

#include <cstdint>

namespace ringway::load {

/// True once in so many times; never if that is 0.
class Every {
  public:
    explicit Every(std::uint32_t k) : k_(k), left_(k) {}
    [[nodiscard]] bool operator()() {
        if (k_ == 0 || --left_ != 0) return false;
        left_ = k_;
        return true;
    }

  private:
    std::uint32_t k_;
    std::uint32_t left_;
};

}  // namespace ringway::load
