#include "control/change/commit_window.h"

namespace ringway::control {
namespace {

constexpr dataplane::Nanoseconds kSecond = 1'000'000'000;

}  // namespace

void CommitWindow::open(unsigned seconds, dataplane::Nanoseconds now) {
    if (!ends_) before_ = changes_.settings();
    ends_ = now + seconds * kSecond;
    logger_.info("changes wait for their confirmation", {{"seconds", seconds}});
}

bool CommitWindow::confirm() {
    if (!ends_) return false;
    ends_.reset();
    before_.clear();
    logger_.info("changes confirmed");
    return true;
}

bool CommitWindow::roll_back() {
    if (!ends_) return false;
    auto plan = changes_.plan(before_);
    if (!plan) {
        logger_.error("changes can't be undone yet", {{"why", plan.error().why}});
        ends_ = 0;  // at the next look
        return true;
    }
    logger_.warning("changes undone",
                    {{"peers", plan->count(PeerChange::Kind::add) + plan->count(PeerChange::Kind::change) +
                                   plan->count(PeerChange::Kind::remove)}});
    changes_.carry_out(std::move(*plan), ChangedBy::rollback);
    ends_.reset();
    before_.clear();
    return true;
}

void CommitWindow::look(dataplane::Nanoseconds now) {
    if (ends_ && now >= *ends_) (void)roll_back();
}

std::optional<double> CommitWindow::remaining_seconds(dataplane::Nanoseconds now) const {
    if (!ends_) return std::nullopt;
    return *ends_ > now ? static_cast<double>(*ends_ - now) * 1e-9 : 0.0;
}

}  // namespace ringway::control
