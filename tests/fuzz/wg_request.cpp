// A stream of requests means the same however it is cut, and only whole ones mean anything.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "control/wg_socket/request_reader.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

namespace {

using control::parse_wg_request;
using control::WgRequestLimits;
using control::WgRequestReader;
using control::WgSetRequest;

constexpr WgRequestLimits kLimits{.peers = 4, .allowed_ips = 8};

void check_set(const WgSetRequest& set) {
    std::size_t allowed_ips = 0;
    for (const auto& peer : set.peers) {
        promise(!peer.endpoint || peer.endpoint->port != 0, "an endpoint has a port");
        for (const auto& change : peer.allowed_ips)
            promise(change.prefix.length <= 8 * change.prefix.address.size(), "a prefix is of its family");
        allowed_ips += peer.allowed_ips.size();
    }
    promise(set.peers.size() <= kLimits.peers && allowed_ips <= kLimits.allowed_ips,
            "a request is within its limits");
}

}  // namespace

void fuzz_wg_request(Input input) {
    const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
    const std::size_t size = text.size();
    const std::size_t cut = input.empty() ? 1 : 1 + input[0] % 64;
    WgRequestReader reader(kLimits);
    std::size_t request_begin = 0;
    for (std::size_t at = 0; at < size;) {
        const std::size_t taken = reader.consume(text.substr(at, cut));
        promise(taken == std::min(cut, size - at) || reader.complete(), "a piece is taken whole");
        at += taken;
        if (!reader.complete()) continue;
        const auto request = reader.take();
        const auto whole = parse_wg_request(text.substr(request_begin, at - request_begin), kLimits);
        promise(request.has_value() == whole.has_value(), "how it is cut does not matter");
        if (!request) promise(request.error() == whole.error(), "nor to the error");
        if (request && std::holds_alternative<WgSetRequest>(*request))
            check_set(std::get<WgSetRequest>(*request));
        request_begin = at;
    }
}

}  // namespace ringway::tests
