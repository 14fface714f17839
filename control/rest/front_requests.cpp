// What is done with one client: its request read, handed on, answered; events streamed to it.

#include <unistd.h>

#include <utility>
#include <vector>

#include "control/rest/front.h"

namespace ringway::control::rest {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
/// For all of a request, from its first byte to its last.
constexpr Nanoseconds kRequestPatience = 10 * kSecond;
/// For the next one on the same connection.
constexpr Nanoseconds kIdlePatience = 15 * kSecond;
/// For all of a response, with as much more as the slowest client that we bear takes.
constexpr Nanoseconds kWritePatience = 10 * kSecond;
constexpr std::size_t kSlowestBytesPerSecond = 65536;
constexpr Nanoseconds kLingerPatience = kSecond;
/// For a reader of events to take what there is for it.
constexpr Nanoseconds kStreamPatience = 10 * kSecond;
constexpr Nanoseconds kHeartbeatEvery = 15 * kSecond;
constexpr std::size_t kStreamPiece = 16384;
constexpr int kStreamSendBuffer = 65536;
constexpr std::size_t kDiscardPieces = 16;
/// A wrong token costs as much as so many requests: guessing is slow.
constexpr double kWrongTokenCost = 100;

constexpr const char* kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void Front::enter(Connection& client, State state, Nanoseconds patience) {
    client.state = state;
    client.since = now_;
    client.deadline = patience == 0 ? 0 : now_ + patience;
    client.wants_to_write = false;
}

bool Front::go_on(Id id, Connection& client) {
    switch (client.state) {
        case State::shaking_hands: {
            const Moved moved = client.shake_hands();
            client.wants_to_write = moved.for_writing;
            if (moved.outcome != Moved::Outcome::some) return moved.outcome == Moved::Outcome::blocked;
            enter(client, State::reading, kIdlePatience);
            return read_request(id, client);
        }
        case State::reading:
            return read_request(id, client);
        case State::handling:
            return true;
        case State::writing:
            return write_on(id, client);
        case State::streaming: {
            const Moved moved = client.fill(kMaxHeadBytes);
            client.in.clear();
            return moved.outcome != Moved::Outcome::ended && stream(client);
        }
        case State::lingering: {
            Moved moved{.outcome = Moved::Outcome::some};
            for (std::size_t i = 0; i < kDiscardPieces && moved.outcome == Moved::Outcome::some; ++i)
                moved = client.discard();
            return moved.outcome != Moved::Outcome::ended;
        }
    }
    return false;
}

bool Front::read_request(Id id, Connection& client) {
    const bool is_first = client.in.empty();
    Moved moved = client.fill(client.wanted == 0 ? kMaxHeadBytes : client.wanted);
    if (is_first && !client.in.empty()) enter(client, State::reading, kRequestPatience);
    if (!client.in.empty() && client.in.size() >= client.wanted) {
        Framing framing = frame(client.in);
        if (framing.state == Framing::State::body) {
            if (!expect_body(client, framing)) return write_on(id, client);
            moved = client.fill(client.wanted);
            framing = frame(client.in);
        }
        if (framing.state == Framing::State::refused) {
            refuse(client, framing.status, framing.why);
            return write_on(id, client);
        }
        if (framing.state == Framing::State::whole) {
            hand_on(id, client, framing.bytes);
            return client.state == State::handling || write_on(id, client);
        }
    }
    client.wants_to_write = moved.for_writing;
    return moved.outcome != Moved::Outcome::ended;
}

/// The head is there. False if the body is refused.
bool Front::expect_body(Connection& client, const Framing& framing) {
    if (reserved_ + framing.bytes > kMaxBodies) {
        refuse(client, 503, "too many large bodies are under way", 1);
        return false;
    }
    client.wanted = client.reserved = framing.bytes;
    reserved_ += client.reserved;
    client.in.reserve(framing.bytes);
    if (framing.expects_continue && !std::exchange(client.continue_sent, true)) {
        client.out += kContinue;
        (void)client.flush();
    }
    return true;
}

/// Or refuses it, if the client has sent too many.
void Front::hand_on(Id id, Connection& client, std::size_t bytes) {
    if (!limits_.take(client.from, 1, now_)) {
        refuse(client, 429, "too many requests from this address", 1);
        return;
    }
    WipedText next(client.in.substr(bytes));
    client.in.resize(bytes);
    WipedText request = std::exchange(client.in, std::move(next));
    enter(client, State::handling, 0);
    workers_.hand({id, std::move(request), client.has_client_certificate()});
}

void Front::release(Connection& client) {
    reserved_ -= std::exchange(client.reserved, 0);
    client.wanted = 0;
    client.continue_sent = false;
}

void Front::refuse(Connection& client, int status, const char* why, unsigned retry_after) {
    release(client);
    client.in = {};
    client.out += refusal_text(status, why, retry_after);
    client.close_after = true;
    enter(client, State::writing, kWritePatience);
}

void Front::take_replies() {
    for (Workers::Done& done : workers_.take_done()) {
        const auto found = clients_.find(done.connection);
        if (found == clients_.end()) continue;
        Connection& client = *found->second;
        answer(client, std::move(done.reply));
        write_on(found->first, client) ? update_interest(found->first, client) : drop(done.connection);
    }
}

void Front::answer(Connection& client, Reply reply) {
    release(client);
    if (reply.status == 401) limits_.charge(client.from, kWrongTokenCost, now_);
    if (reply.events && streams_ >= kMaxStreams)
        return refuse(client, 503, "there are as many readers of events as there may be", 5);
    const Nanoseconds for_size = reply.bytes.size() / kSlowestBytesPerSecond * kSecond;
    client.out += reply.bytes;
    client.close_after = reply.close;
    enter(client, State::writing, kWritePatience + for_size);
    if (!reply.events) return;
    ++streams_;
    client.cursor = reply.events;
    client.last_sent = now_;
    client.in.clear();
    client.bound_send_buffer(kStreamSendBuffer);
    enter(client, State::streaming, kStreamPatience);
}

bool Front::write_on(Id id, Connection& client) {
    if (client.state == State::streaming) return stream(client);
    const Moved moved = client.flush();
    client.wants_to_write = moved.for_writing;
    if (moved.outcome != Moved::Outcome::some) return moved.outcome == Moved::Outcome::blocked;
    if (client.close_after) {
        client.finish();
        enter(client, State::lingering, kLingerPatience);
        return true;
    }
    enter(client, State::reading, client.in.empty() ? kIdlePatience : kRequestPatience);
    return read_request(id, client);
}

/// Writes what waits, and then events for as long as the client takes them. One that does not is cut off
/// at its deadline, which stands while anything waits.
bool Front::stream(Connection& client) {
    while (true) {
        const Moved moved = client.flush();
        client.wants_to_write = moved.for_writing;
        if (moved.outcome == Moved::Outcome::ended) return false;
        if (moved.outcome == Moved::Outcome::blocked) {
            if (client.deadline == 0) client.deadline = now_ + kStreamPatience;
            return true;
        }
        client.deadline = 0;
        client.out = take_events(journal_, *client.cursor, kStreamPiece);
        if (client.out.empty() && now_ - client.last_sent >= kHeartbeatEvery) client.out = kHeartbeat;
        if (client.out.empty()) return true;
        client.last_sent = now_;
    }
}

bool Front::too_late(Id id, Connection& client) {
    if (client.state != State::reading || client.in.empty()) return false;
    refuse(client, 408, "the request took too long");
    return write_on(id, client);
}

void Front::wake_streams() {
    std::uint64_t count = 0;
    (void)!read(wake_.get(), &count, sizeof(count));
    if (streams_ == 0) return;
    std::vector<Id> ended;
    for (const auto& [id, client] : clients_) {
        if (client->state != State::streaming) continue;
        if (stream(*client)) {
            update_interest(id, *client);
        } else {
            ended.push_back(id);
        }
    }
    for (const Id id : ended)
        drop(id);
}

}  // namespace ringway::control::rest
