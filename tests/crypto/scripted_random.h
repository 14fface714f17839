#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "crypto/random.h"

namespace ringway::tests {

/// "Random" bytes written down beforehand, so that a handshake uses the ephemerals of a transcript.
class ScriptedRandom final : public crypto::Random {
  public:
    explicit ScriptedRandom(std::vector<std::uint8_t> script) : script_(std::move(script)) {}

    void fill(std::span<std::uint8_t> out) override {
        if (out.size() > script_.size() - used_)
            throw std::logic_error("more randomness drawn than scripted");
        std::copy_n(script_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
        used_ += out.size();
    }

    [[nodiscard]] bool is_used_up() const { return used_ == script_.size(); }

  private:
    std::vector<std::uint8_t> script_;
    std::size_t used_ = 0;
};

}  // namespace ringway::tests
