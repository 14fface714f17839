#pragma once

#include <cstdint>

namespace ringway::simulation {

/// Faults that the model of the packet path can be given, to see that the referee finds them.
enum class Sabotage : std::uint8_t {
    none,
    counter_again,     ///< now and then a counter is used a second time
    no_tag_check,      ///< what does not authenticate is taken all the same
    confirms_early,    ///< a session counts as confirmed as soon as it is there
    no_replay_check,   ///< every authentic packet is taken
    no_source_check,   ///< inner sources are not compared with the allowed IPs
    keeps_sessions,    ///< retired sessions stay
    keeps_keys,        ///< the last session that was retired stays
    stages_for_ever,   ///< staged packets have no limit
    deaf,              ///< the engine does not hear that a session is wanted
    forgets_timestamp  ///< a restarted node begins with the timestamps of its clock
};

}  // namespace ringway::simulation
