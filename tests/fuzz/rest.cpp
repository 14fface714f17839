// Any bytes on a connection are framed, read by httplib, checked by the guard, and their body read as the
// settings of a peer, whoever sends them.

#include <cstdint>
#include <string>
#include <string_view>

#include "control/rest/body.h"
#include "control/rest/framing.h"
#include "control/rest/guard.h"
#include "control/rest/http.h"
#include "control/rest/peer_settings.h"
#include "control/rest/problem.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

namespace {

using namespace control;
using namespace control::rest;

Response answer(const Request& request) {
    static const Guard kGuard({.token = "secret", .token_for_reads = false, .hosts = {"localhost"}});
    try {
        kGuard.check(request);
        const SecretJson body(object_in(request.body));
        const auto peer = read_peer(body.json, key_from_path(request.path));
        promise(!config::is_low_order(peer.public_key), "a peer's key can work");
        return json_response({{"name", peer.name}});
    } catch (const Problem& problem) {
        promise(problem.status() >= 400 && problem.status() < 500, "what is wrong is the request");
        return problem_response(problem);
    }
}

void check_reply(const Reply& reply) {
    const std::string_view bytes = reply.bytes;
    promise(bytes.starts_with("HTTP/1.1 "), "a reply begins with its status");
    const auto head = bytes.find("\r\n\r\n");
    promise(head != std::string_view::npos, "a reply has a head");
    promise(bytes.size() < (1U << 21), "a reply is not much longer than the longest request");
}

}  // namespace

void fuzz_rest(Input input) {
    static Http http([](const Request& request) { return answer(request); });
    std::string_view bytes(reinterpret_cast<const char*>(input.data()), input.size());
    while (!bytes.empty()) {
        const Framing framing = frame(bytes);
        if (framing.state == Framing::State::refused)
            promise(framing.status >= 400 && framing.status < 500, "a refusal has its status");
        if (framing.state != Framing::State::whole) return;
        promise(framing.bytes > 0 && framing.bytes <= bytes.size(), "a request is of bytes that are there");
        promise(framing.bytes <= kMaxHeadBytes + kMaxBodyBytes, "a request is no longer than it may be");
        check_reply(http.reply(bytes.substr(0, framing.bytes), false));
        bytes.remove_prefix(framing.bytes);
    }
}

}  // namespace ringway::tests
