#pragma once

// What an operator can do something about when a peer has no session. Functions of what Viewer took, so
// that every surface says the same.

#include <string>
#include <string_view>

#include "control/view/view.h"

namespace ringway::control {

/// "no_answer", as REST gives it; empty for none.
[[nodiscard]] std::string_view name(SessionReason reason);

/// Of all that is known the one thing that stands in the way most. REQUIRES: the peer has no session.
[[nodiscard]] SessionReason reason_of(const PeerView& peer);
/// The same in a sentence, with numbers and times. Empty for none.
[[nodiscard]] std::string sentence(SessionReason reason, const PeerView& peer);

/// "by port wan, next hop 192.0.2.11 resolved".
[[nodiscard]] std::string path_text(const PathView& path);

}  // namespace ringway::control
