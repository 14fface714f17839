#include "control/rest/http.h"

#include <doctest/doctest.h>

#include "control/rest/framing.h"

namespace ringway::control::rest {
namespace {

/// What the handler was asked last, and what it answers.
struct Bench {
    Reply ask(const std::string& bytes) {
        REQUIRE(frame(bytes).state == Framing::State::whole);
        return http.reply(bytes, false);
    }
    Request asked;
    Response answer{200, "application/json", "{}\n", {}};
    Http http{[this](Request request) {
        asked = std::move(request);
        return answer;
    }};
};

}  // namespace

TEST_CASE("a request is handed on as it was sent, and answered") {
    Bench bench;
    const Reply reply = bench.ask(
        "PATCH /a%20b?x=1&y=%2F HTTP/1.1\r\nHost: localhost\r\nX-Thing: 5\r\nContent-Length: 3\r\n\r\nabc");
    CHECK(bench.asked.method == "PATCH");
    CHECK(bench.asked.path == "/a b");
    CHECK(bench.asked.query.find("y")->second == "/");
    CHECK(bench.asked.header("x-thing") == "5");
    CHECK(bench.asked.body == "abc");
    CHECK(reply.status == 200);
    CHECK_FALSE(reply.close);
    CHECK(reply.bytes.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(reply.bytes.ends_with("\r\n\r\n{}\n"));
    CHECK(reply.bytes.find("Content-Length: 3\r\n") != std::string::npos);
}

TEST_CASE("who says that it closes is closed") {
    Bench bench;
    CHECK(bench.ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").close);
    CHECK(bench.ask("GET / HTTP/1.0\r\n\r\n").close);
    CHECK_FALSE(bench.ask("GET / HTTP/1.1\r\n\r\n").close);
}

TEST_CASE("parts of a response are not served, however many are asked for") {
    Bench bench;
    bench.answer.body.assign(1000, 'x');
    const Reply reply = bench.ask("GET / HTTP/1.1\r\nRange: bytes=0-,0-,0-,0-,0-,0-,0-,0-\r\n\r\n");
    CHECK(reply.status == 200);
    CHECK(reply.bytes.size() < 1500);
}

TEST_CASE("the word that a client waits for is not said twice") {
    Bench bench;
    const Reply reply =
        bench.ask("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");
    CHECK(reply.bytes.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(bench.asked.body == "{}");
}

TEST_CASE("what is no request for us is a problem document") {
    Bench bench;
    for (const char* bytes : {"FROB / HTTP/1.1\r\n\r\n", "GET % HTTP/1.1\r\n\r\n",
                              "OPTIONS * HTTP/1.1\r\nContent-Length: 0\r\n\r\n"}) {
        CAPTURE(bytes);
        const Reply reply = bench.ask(bytes);
        if (reply.status == 200) continue;  // handed on
        CHECK(reply.status >= 400);
        CHECK(reply.bytes.find("application/problem+json") != std::string::npos);
    }
}

TEST_CASE("events follow the head of their stream") {
    Bench bench;
    bench.answer.events = EventCursor{.next = 5};
    const Reply reply = bench.ask("GET / HTTP/1.1\r\n\r\n");
    REQUIRE(reply.events);
    CHECK(reply.events->next == 5);
    CHECK(reply.bytes.find("Content-Type: text/event-stream\r\n") != std::string::npos);
    CHECK(reply.bytes.find("Content-Length") == std::string::npos);
    CHECK_FALSE(bench.ask("HEAD / HTTP/1.1\r\n\r\n").events);
}

TEST_CASE("a refusal is whole") {
    const std::string text = refusal_text(429, "too many", 1);
    CHECK(text.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
    CHECK(text.find("Retry-After: 1\r\n") != std::string::npos);
    const auto body = text.find("\r\n\r\n") + 4;
    CHECK(text.find("Content-Length: " + std::to_string(text.size() - body) + "\r\n") != std::string::npos);
}

}  // namespace ringway::control::rest
