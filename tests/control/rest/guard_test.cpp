#include "control/rest/guard.h"

#include <doctest/doctest.h>

#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

const Guard kOpen({.token = "", .token_for_reads = false, .hosts = {"localhost"}});
const Guard kWithToken({.token = "secret", .token_for_reads = false, .hosts = {}});
const Guard kBeyondLoopback({.token = "secret", .token_for_reads = true, .hosts = {"gateway"}});

/// The status with which a request is refused; 0 if it passes.
int refusal(const Guard& guard, std::string method, std::map<std::string, std::string> headers,
            std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.headers = std::move(headers);
    request.body = std::move(body);
    try {
        guard.check(request);
        return 0;
    } catch (const Problem& problem) {
        return problem.status();
    }
}

}  // namespace

TEST_CASE("only the gateway's own names are a Host") {
    CHECK(refusal(kOpen, "GET", {{"host", "127.0.0.1:8080"}}) == 0);
    CHECK(refusal(kOpen, "GET", {{"host", "LOCALHOST"}}) == 0);
    CHECK(refusal(kOpen, "GET", {{"host", "evil.example:8080"}}) == 403);
    CHECK(refusal(kOpen, "GET", {{"host", "127.0.0.1.evil.example"}}) == 403);
    CHECK(refusal(kOpen, "GET", {{"host", "gateway"}}) == 403);
    CHECK(refusal(kBeyondLoopback, "GET", {{"host", "Gateway:8443"}, {"authorization", "Bearer secret"}}) ==
          0);
    CHECK(refusal(kOpen, "GET", {}) == 403);
    CHECK(refusal(kBeyondLoopback, "GET",
                  {{"host", "[2001:db8::1]:443"}, {"authorization", "Bearer secret"}}) == 0);
    CHECK(refusal(kBeyondLoopback, "GET", {{"host", "[2001:db8::1"}}) == 403);
}

TEST_CASE("no web page can write") {
    const std::map<std::string, std::string> own{{"host", "localhost:8080"}};
    auto with = [&](std::string key, std::string value) {
        auto headers = own;
        headers[key] = value;
        return headers;
    };
    CHECK(refusal(kOpen, "POST", with("origin", "http://localhost:8080")) == 0);
    CHECK(refusal(kOpen, "POST", with("origin", "http://evil.example")) == 403);
    CHECK(refusal(kOpen, "POST", with("origin", "null")) == 403);
    CHECK(refusal(kOpen, "POST", with("content-type", "application/json; charset=utf-8"), "{}") == 0);
    CHECK(refusal(kOpen, "POST", with("content-type", "text/plain"), "{}") == 415);
    CHECK(refusal(kOpen, "POST", own, "{}") == 415);
    // A form's body has been taken apart by httplib: the type is what is left of it.
    CHECK(refusal(kOpen, "POST", with("content-type", "multipart/form-data; boundary=x")) == 415);
}

TEST_CASE("a token that is configured is needed for changes, and beyond loopback for all") {
    const auto with = [](std::string host, std::string authorization) {
        return std::map<std::string, std::string>{{"host", host}, {"authorization", authorization}};
    };
    CHECK(refusal(kWithToken, "GET", {{"host", "127.0.0.1"}}) == 0);
    CHECK(refusal(kWithToken, "DELETE", {{"host", "127.0.0.1"}}) == 401);
    CHECK(refusal(kWithToken, "DELETE", with("127.0.0.1", "Bearer secret")) == 0);
    for (const char* wrong : {"Bearer secreT", "Bearer secret2", "Bearer ", "Basic secret", "secret", ""})
        CHECK(refusal(kWithToken, "DELETE", with("127.0.0.1", wrong)) == 401);
    CHECK(refusal(kBeyondLoopback, "GET", {{"host", "192.0.2.1"}}) == 401);
    CHECK(refusal(kBeyondLoopback, "GET", with("192.0.2.1", "Bearer secret")) == 0);
    Request page;
    page.method = "GET";
    page.path = "/";
    page.headers = {{"host", "192.0.2.1"}};
    CHECK_NOTHROW(kBeyondLoopback.check(page));
}

}  // namespace ringway::control::rest
