#pragma once

namespace ringway::dataplane {

struct Lcore;

/// One turn of a crypto lcore: takes bundles from the device-wide ring until it holds a full burst,
/// across peers and keys, seals and opens all of it in one AEAD call (P6), marks the bundles done and
/// tells their peers' tx lcores. True if there was a bundle.
bool poll_crypto(Lcore& lcore);

}  // namespace ringway::dataplane
