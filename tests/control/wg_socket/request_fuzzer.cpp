// Entry point for libFuzzer, and for the seeded mutation test, which runs it in the normal suite.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/wg_socket/request_reader.h"

namespace {

using ringway::control::parse_wg_request;
using ringway::control::WgRequestLimits;
using ringway::control::WgRequestReader;
using ringway::control::WgSetRequest;

constexpr WgRequestLimits kLimits{.peers = 4, .allowed_ips = 8};

void require(bool holds) {
    if (!holds) std::abort();
}

void check_set(const WgSetRequest& set) {
    std::size_t allowed_ips = 0;
    for (const auto& peer : set.peers) {
        require(!peer.endpoint || peer.endpoint->port != 0);
        for (const auto& change : peer.allowed_ips)
            require(change.prefix.length <= 8 * change.prefix.address.size());
        allowed_ips += peer.allowed_ips.size();
    }
    require(set.peers.size() <= kLimits.peers && allowed_ips <= kLimits.allowed_ips);
}

}  // namespace

/// A stream of requests means the same however it is cut, and only whole ones mean anything.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = size == 0 ? 1 : 1 + data[0] % 64;
    WgRequestReader reader(kLimits);
    std::size_t request_begin = 0;
    for (std::size_t at = 0; at < size;) {
        const std::size_t taken = reader.consume(text.substr(at, cut));
        require(taken == std::min(cut, size - at) || reader.complete());
        at += taken;
        if (!reader.complete()) continue;
        const auto request = reader.take();
        const auto whole = parse_wg_request(text.substr(request_begin, at - request_begin), kLimits);
        require(request.has_value() == whole.has_value());
        if (!request) require(request.error() == whole.error());
        if (request && std::holds_alternative<WgSetRequest>(*request))
            check_set(std::get<WgSetRequest>(*request));
        request_begin = at;
    }
    return 0;
}
