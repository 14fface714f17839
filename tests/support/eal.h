#pragma once

#include "dataplane/eal.h"

namespace ringway::tests {

/// EAL lcores beside the main one, numbered from 1.
inline constexpr unsigned kWorkerLcores = 6;

/// Brings up DPDK's environment for this program: no huge pages, no root, lcores that may run on any CPU.
void start_eal();
void stop_eal();
/// REQUIRES: started.
[[nodiscard]] dataplane::Eal& eal();

}  // namespace ringway::tests
