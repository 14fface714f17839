#include "control/protocol/sessions.h"

#include <utility>

#include "control/protocol/durations.h"

namespace ringway::control::protocol {

bool Session::is_usable(Nanoseconds now) const {
    return exists() && now - born < ns(crypto::kRejectAfterTime);
}

void SessionSet::add_as_initiator(const Session& session) {
    // A session still waiting as `next` was made by the same two ends in the other direction, later
    // than `current`; it is the better one to keep for what is on its way.
    Session overtaken = std::exchange(current_, session);
    if (next_.exists()) std::swap(overtaken, next_);
    Session oldest = std::exchange(previous_, overtaken);
    plane_->set_sending(peer_, current_.id);
    retire(next_);
    retire(oldest);
}

void SessionSet::add_as_responder(const Session& session) {
    retire(previous_);
    retire(next_);
    next_ = session;
}

bool SessionSet::confirm(SessionId session) {
    if (!next_.exists() || next_.id != session) return false;
    Session oldest = std::exchange(previous_, current_);
    current_ = std::exchange(next_, {});
    plane_->set_sending(peer_, current_.id);
    retire(oldest);
    return true;
}

void SessionSet::retire_all() {
    if (current_.exists()) plane_->set_sending(peer_, kNoSession);
    retire(previous_);
    retire(current_);
    retire(next_);
}

void SessionSet::retire_born_by(Nanoseconds birth) {
    if (current_.exists() && current_.born <= birth) plane_->set_sending(peer_, kNoSession);
    for (Session* session : {&previous_, &current_, &next_}) {
        if (session->exists() && session->born <= birth) retire(*session);
    }
}

Nanoseconds SessionSet::oldest_birth() const {
    Nanoseconds oldest = 0;
    for (const Session* session : {&previous_, &current_, &next_}) {
        if (session->exists() && (oldest == 0 || session->born < oldest)) oldest = session->born;
    }
    return oldest;
}

void SessionSet::retire(Session& session) {
    if (session.exists()) plane_->retire_session(peer_, session.id);
    session = {};
}

}  // namespace ringway::control::protocol
