#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace ringway::load {

/// Sizes of inner IP packets in bytes, dealt out in fixed shares and an order that has no pattern but is
/// the same in every run.
class SizeMix {
  public:
    /// "64", "64,594:4,1420" (a share behind a colon; 1 if left out) or "imix" (64:7,594:4,1420:1). The
    /// error's text follows "'text' ".
    [[nodiscard]] static tl::expected<SizeMix, std::string> parse(std::string_view text);

    /// The next packet's size.
    [[nodiscard]] std::uint16_t next() {
        const std::uint16_t size = deck_[at_];
        if (++at_ == deck_.size()) at_ = 0;
        return size;
    }
    [[nodiscard]] std::uint16_t smallest() const;
    [[nodiscard]] std::uint16_t largest() const;
    [[nodiscard]] double mean() const;
    /// As results are named: "64", "imix", "64+128".
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    std::string name_;
    std::vector<std::uint16_t> deck_;
    std::size_t at_ = 0;
};

}  // namespace ringway::load
