#include "control/rest/connection.h"

#include <sodium.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace ringway::control::rest {
namespace {

constexpr std::size_t kPiece = 16384;

Moved outcome_of(ssize_t result, bool writing) {
    if (result > 0) return {.outcome = Moved::Outcome::some, .bytes = static_cast<std::size_t>(result)};
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return {.outcome = Moved::Outcome::blocked, .for_writing = writing};
    return {};
}

}  // namespace

Connection::Connection(FileDescriptor socket, std::unique_ptr<TlsSession> tls, const ClientAddress& address,
                       Nanoseconds now)
    : state(tls ? State::shaking_hands : State::reading),
      from(address),
      since(now),
      socket_(std::move(socket)),
      tls_(std::move(tls)) {}

Moved Connection::read_some(char* to, std::size_t room) {
    return tls_ ? tls_->read(to, room) : outcome_of(recv(fd(), to, room, 0), false);
}

Moved Connection::write_some(const char* from_bytes, std::size_t bytes) {
    return tls_ ? tls_->write(from_bytes, bytes)
                : outcome_of(send(fd(), from_bytes, bytes, MSG_NOSIGNAL), true);
}

Moved Connection::shake_hands() {
    return tls_->accept();
}

Moved Connection::fill(std::size_t limit) {
    std::array<char, kPiece> piece;
    Moved moved{.outcome = Moved::Outcome::some};
    while (in.size() < limit && moved.outcome == Moved::Outcome::some) {
        moved = read_some(piece.data(), std::min(piece.size(), limit - in.size()));
        in.append(piece.data(), moved.bytes);
        sodium_memzero(piece.data(), moved.bytes);
    }
    return moved;
}

Moved Connection::flush() {
    Moved moved{.outcome = Moved::Outcome::some};
    while (written_ < out.size() && moved.outcome == Moved::Outcome::some) {
        moved = write_some(out.data() + written_, out.size() - written_);
        written_ += moved.bytes;
    }
    if (written_ == out.size()) {
        out = {};
        written_ = 0;
    }
    return moved;
}

Moved Connection::discard() {
    std::array<char, kPiece> piece;
    const ssize_t got = recv(fd(), piece.data(), piece.size(), 0);
    sodium_memzero(piece.data(), piece.size());
    return outcome_of(got, false);
}

void Connection::bound_send_buffer(int bytes) {
    (void)setsockopt(fd(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

void Connection::finish() {
    if (tls_) tls_->close();
    (void)shutdown(fd(), SHUT_WR);
}

}  // namespace ringway::control::rest
