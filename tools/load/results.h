#pragma once

#include <string>
#include <vector>

#include "tools/load/chart.h"
#include "tools/load/handshake_load.h"
#include "tools/load/measure.h"
#include "tools/load/settings.h"

namespace ringway::load {

/// "memif/encrypt/64/peers1": a device's kind, what was asked of it, and how many peers there were.
[[nodiscard]] std::string result_name(const Settings& settings);

// For people, on standard output.

/// One line for a trial; the first is preceded by a heading.
void print_step(const Step& step, bool is_first);
/// Tables of the answer.
void print_measurement(const Settings& settings, const Load& load, const Measurement& measured);
void print_handshakes(const Settings& settings, const HandshakeResult& result);

}  // namespace ringway::load
