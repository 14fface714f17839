#pragma once

#include "dataplane/eal.h"

namespace ringway::tests {

/// EAL lcores beside the main one, numbered from 1.
inline constexpr unsigned kWorkerLcores = 4;

/// DPDK's environment of this program; see eal_main.cpp.
[[nodiscard]] dataplane::Eal& eal();

}  // namespace ringway::tests
