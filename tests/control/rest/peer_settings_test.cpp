#include "control/rest/peer_settings.h"

#include <doctest/doctest.h>

#include "control/rest/body.h"
#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

int refusal(const std::string& body) {
    try {
        (void)object_in(body);
        return 0;
    } catch (const Problem& problem) {
        return problem.status();
    }
}

std::string nested(const std::string& open, const std::string& close, std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i)
        text += open;
    text += "1";
    for (std::size_t i = 0; i < depth; ++i)
        text += close;
    return text;
}

}  // namespace

TEST_CASE("a body is an object of JSON") {
    CHECK(refusal("{}") == 0);
    CHECK(refusal(R"({"name": "}]{[\"{{{{{{{{", "allowed_ips": ["10.0.0.0/8"]})") == 0);
    for (const char* none : {"", "{", "}", "{\"a\"}", "{\"a\":1,}", "\xff\xfe", "nul", "{\"a\": \"\xff\"}"})
        CHECK(refusal(none) == 400);
    CHECK(refusal("{\"name\": \"" + std::string(65536, 'a') + "\"}") == 413);
    for (const char* other : {"[]", "1", "null", "\"text\""})
        CHECK(refusal(other) == 422);
}

// A tree is copied, patched and written by functions that call themselves: this once ended the gateway.
TEST_CASE("a body nested without end is refused before a tree is made of it") {
    CHECK(refusal(nested("[", "]", 100'000)) == 400);
    CHECK(refusal(nested("{\"a\":", "}", 100'000)) == 400);
    CHECK(refusal("{\"name\":" + nested("[{\"a\":", "}]", 50'000) + "}") == 400);
}

TEST_CASE("a peer is read by the rules of the configuration file") {
    const Json settings{{"public_key", "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="},
                        {"allowed_ips", {"10.9.0.2/32"}},
                        {"persistent_keepalive_seconds", 25}};
    const config::Peer peer = read_peer(settings, std::nullopt);
    CHECK(peer.persistent_keepalive == 25);
    CHECK(peer.allowed_ips.size() == 1);
    const auto field_of = [&](const std::string& key, const Json& value) {
        Json wrong = settings;
        wrong[key] = value;
        try {
            (void)read_peer(wrong, std::nullopt);
        } catch (const Problem& problem) {
            return problem.field();
        }
        return std::string();
    };
    CHECK(field_of("endpoint", "nowhere") == "endpoint");
    CHECK(field_of("persistent_keepalive", 1) == "persistent_keepalive");
    CHECK(field_of("persistent_keepalive_seconds", "x") == "persistent_keepalive_seconds");
    CHECK(field_of("nmae", "x") == "nmae");
}

}  // namespace ringway::control::rest
