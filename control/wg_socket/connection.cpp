#include "control/wg_socket/connection.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace ringway::control {
namespace {

constexpr int kStepsPerTurn = 64;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

WgConnection::~WgConnection() {
    sodium_memzero(input_.data() + unread_begin_, unread_end_ - unread_begin_);
    sodium_memzero(output_.data(), filled_);
}

bool WgConnection::serve(std::string_view tunnel, WgDeviceControl& control, Nanoseconds now) {
    for (int step = 0; step < kStepsPerTurn; ++step) {
        if (!replying() && unread_begin_ < unread_end_) {
            read_request(tunnel, control);
            continue;
        }
        const Io io = replying() ? send() : receive();
        if (io == Io::closed) return false;
        if (io == Io::blocked) return true;
        last_progress_ = now;
    }
    return true;
}

WgConnection::Io WgConnection::receive() {
    const ssize_t received = ::recv(socket_.get(), input_.data(), input_.size(), 0);
    if (received < 0) return would_block(errno) ? Io::blocked : Io::closed;
    if (received == 0) return Io::closed;
    unread_begin_ = 0;
    unread_end_ = static_cast<std::size_t>(received);
    return Io::progress;
}

WgConnection::Io WgConnection::send() {
    if (sent_ == filled_) {
        sent_ = 0;
        filled_ = writer_->next(output_);
        if (filled_ == 0) {
            writer_.reset();
            return Io::progress;
        }
    }
    const ssize_t sent = ::send(socket_.get(), output_.data() + sent_, filled_ - sent_, MSG_NOSIGNAL);
    if (sent < 0) return would_block(errno) ? Io::blocked : Io::closed;
    sodium_memzero(output_.data() + sent_, static_cast<std::size_t>(sent));
    sent_ += static_cast<std::size_t>(sent);
    return Io::progress;
}

void WgConnection::read_request(std::string_view tunnel, WgDeviceControl& control) {
    char* text = input_.data() + unread_begin_;
    const std::size_t taken = reader_.consume({text, unread_end_ - unread_begin_});
    sodium_memzero(text, taken);
    unread_begin_ += taken;
    if (reader_.complete()) answer(tunnel, control);
}

/// wg(8) takes the error of a `get` as a positive number and that of a `set` as a negative one;
/// seen with wireguard-tools 1.0.20210914, which turns the other sign into an error of its own.
void WgConnection::answer(std::string_view tunnel, WgDeviceControl& control) {
    const bool is_get = reader_.is_get();
    auto request = reader_.take();
    if (!request) return reply(is_get ? request.error() : -request.error());
    if (auto* set = std::get_if<WgSetRequest>(&*request)) return reply(-control.set(tunnel, std::move(*set)));
    auto device = control.get(tunnel);
    if (!device) return reply(device.error());
    writer_.emplace(std::move(*device));
}

void WgConnection::reply(int result) {
    const char* end = fmt::format_to(output_.data(), "errno={}\n\n", result);
    sent_ = 0;
    filled_ = static_cast<std::size_t>(end - output_.data());
}

}  // namespace ringway::control
