#pragma once

#include <cstdint>
#include <span>

namespace ringway::tests {

/// Reads any plaintext as an in-band message. Ends the program when what is read lies outside of it, or is
/// not what write_in_band() would have written. True if it is one.
bool feed_in_band(std::span<const std::uint8_t> plaintext);

}  // namespace ringway::tests
