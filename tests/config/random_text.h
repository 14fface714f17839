#pragma once

// Random configurations in every style that people write YAML in, for the tests of write_back().

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "config/write_back.h"

namespace ringway::tests {

class Chance {
  public:
    explicit Chance(std::uint32_t seed) : random_(seed) {}
    [[nodiscard]] std::size_t below(std::size_t limit) { return random_() % limit; }
    [[nodiscard]] bool one_in(std::size_t times) { return below(times) == 0; }

  private:
    std::mt19937 random_;
};

/// A text that loads, with the letters A, B, C... for its peers' keys, as key_of_letter() makes them.
/// Every line of a peer in a block ends in a comment `# tag A;` with its letter, and so do the comment
/// lines that go with it. Comment lines that belong to no peer end in `# tag -;`.
[[nodiscard]] std::string random_text(Chance& chance);

/// Changes what runs at random.
void change_at_random(config::Running& running, Chance& chance);

}  // namespace ringway::tests
