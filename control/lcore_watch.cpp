#include "control/lcore_watch.h"

#include <algorithm>

namespace ringway::control {

void LcoreWatch::look(dataplane::Nanoseconds now) {
    for (std::size_t i = 0; i < watched_.size(); ++i) {
        Watched& lcore = watched_[i];
        const std::uint64_t polls = lcore.polls->get();
        if (polls != lcore.seen || lcore.seen_at == 0) {
            if (lcore.stands_still) logger_.warning("the lcore turns again", {{"lcore", i}});
            lcore = {.polls = lcore.polls, .seen = polls, .seen_at = now};
        } else if (!lcore.stands_still && now - lcore.seen_at > kPatience) {
            lcore.stands_still = true;
            logger_.error("an lcore stands still: is its CPU taken, or its driver stuck?",
                          {{"lcore", i}, {"polls", polls}});
        }
    }
}

std::size_t LcoreWatch::standing_still() const {
    return static_cast<std::size_t>(
        std::count_if(watched_.begin(), watched_.end(), [](const Watched& w) { return w.stands_still; }));
}

}  // namespace ringway::control
