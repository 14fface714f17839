#pragma once

// Packet tables: what a packet is, what must become of it. Each row breaks one rule alone.

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "tests/support/bench.h"

namespace ringway::tests {

using MakeFrame = std::function<Bytes(Bench&)>;

/// A frame that gateway 1 receives by `port`, and why it must drop it.
struct DropCase {
    const char* description;
    PortIndex port;
    MakeFrame make;
    DropReason verdict;
};

/// Expects each row's frame to be dropped for its reason, once, and to be seen nowhere else.
void expect_drops(const std::vector<DropCase>& rows);

// --- packets with one thing wrong ---

[[nodiscard]] Bytes cut(Bytes bytes, std::size_t size);
[[nodiscard]] Bytes with(Bytes bytes, std::size_t at, std::uint8_t value);
[[nodiscard]] Bytes flipped(Bytes bytes, std::size_t at);
/// An IPv4 packet with one header byte changed and its checksum right again.
[[nodiscard]] Bytes with_header(Bytes packet, std::size_t at, std::uint8_t value);
/// The inner packet from `source`, a text, to the host behind gateway 1.
[[nodiscard]] Bytes inner_from(const Bench& t, const char* source);

}  // namespace ringway::tests
