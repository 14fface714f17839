#include "control/wg_socket/device_writer.h"

#include <arpa/inet.h>
#include <sodium.h>

#include <charconv>
#include <cstring>
#include <string_view>

namespace ringway::control {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

/// Appends to memory that is known to be large enough (see WgDeviceWriter::kMaxPiece).
class TextCursor {
  public:
    explicit TextCursor(char* at) : at_(at) {}
    [[nodiscard]] char* position() const { return at_; }

    TextCursor& text(std::string_view text) {
        at_ += text.copy(at_, text.size());
        return *this;
    }
    TextCursor& decimal(std::uint64_t value) {
        at_ = std::to_chars(at_, at_ + kMaxDecimal, value).ptr;
        return *this;
    }
    /// In constant time.
    TextCursor& hex(std::span<const std::uint8_t, crypto::kKeyBytes> key) {
        sodium_bin2hex(at_, 2 * key.size() + 1, key.data(), key.size());
        at_ += 2 * key.size();
        return *this;
    }
    TextCursor& address(const dataplane::IpAddress& address) {
        const int af = address.family == dataplane::Family::v4 ? AF_INET : AF_INET6;
        inet_ntop(af, address.bytes.data(), at_, INET6_ADDRSTRLEN);
        at_ += std::strlen(at_);
        return *this;
    }

    void line(std::string_view key, std::uint64_t value) { text(key).text("=").decimal(value).text("\n"); }
    void line(std::string_view key, std::span<const std::uint8_t, crypto::kKeyBytes> value) {
        text(key).text("=").hex(value).text("\n");
    }

  private:
    static constexpr std::size_t kMaxDecimal = 20;
    char* at_;
};

void write_endpoint(TextCursor& out, const WgEndpoint& endpoint) {
    const bool bracketed = endpoint.address.family == dataplane::Family::v6;
    out.text("endpoint=").text(bracketed ? "[" : "").address(endpoint.address).text(bracketed ? "]:" : ":");
    out.decimal(endpoint.port).text("\n");
}

void write_device(TextCursor& out, const WgDevice& device) {
    if (!device.private_key.is_zero()) out.line("private_key", device.private_key.span());
    if (device.listen_port != 0) out.line("listen_port", device.listen_port);
    if (device.fwmark != 0) out.line("fwmark", device.fwmark);
}

void write_peer(TextCursor& out, const WgPeer& peer) {
    out.line("public_key", peer.public_key.bytes);
    if (!peer.preshared_key.is_zero()) out.line("preshared_key", peer.preshared_key.span());
    out.line("protocol_version", 1);
    if (peer.endpoint) write_endpoint(out, *peer.endpoint);
    out.line("last_handshake_time_sec", peer.last_handshake_unix_nanoseconds / kNanosecondsPerSecond);
    out.line("last_handshake_time_nsec", peer.last_handshake_unix_nanoseconds % kNanosecondsPerSecond);
    out.line("rx_bytes", peer.rx_bytes);
    out.line("tx_bytes", peer.tx_bytes);
    out.line("persistent_keepalive_interval", peer.persistent_keepalive_seconds);
}

void write_allowed_ip(TextCursor& out, const dataplane::IpPrefix& prefix) {
    out.text("allowed_ip=").address(prefix.address).text("/").decimal(prefix.length).text("\n");
}

}  // namespace

std::size_t WgDeviceWriter::next(std::span<char> out) {
    char* at = out.data();
    const char* end = out.data() + out.size();
    while (stage_ != Stage::done && static_cast<std::size_t>(end - at) >= kMaxPiece)
        at = write_piece(at);
    return static_cast<std::size_t>(at - out.data());
}

char* WgDeviceWriter::write_piece(char* at) {
    TextCursor out(at);
    switch (stage_) {
        case Stage::device:
            write_device(out, device_);
            stage_ = device_.peers.empty() ? Stage::end : Stage::peer;
            break;
        case Stage::peer:
            write_peer(out, device_.peers[peer_]);
            stage_ = Stage::allowed_ips;
            break;
        case Stage::allowed_ips:
            if (allowed_ip_ < device_.peers[peer_].allowed_ips.size()) {
                write_allowed_ip(out, device_.peers[peer_].allowed_ips[allowed_ip_++]);
            } else {
                next_peer();
            }
            break;
        case Stage::end:
            out.line("errno", 0);
            out.text("\n");
            stage_ = Stage::done;
            break;
        case Stage::done:
            break;
    }
    return out.position();
}

void WgDeviceWriter::next_peer() {
    allowed_ip_ = 0;
    stage_ = ++peer_ < device_.peers.size() ? Stage::peer : Stage::end;
}

}  // namespace ringway::control
