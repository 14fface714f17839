#include "control/rest/framing.h"

#include <doctest/doctest.h>

#include <string>

namespace ringway::control::rest {
namespace {

using State = Framing::State;

int refusal(const std::string& bytes) {
    const Framing framing = frame(bytes);
    return framing.state == State::refused ? framing.status : 0;
}

std::string with(const std::string& header) {
    return "PUT / HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n";
}

}  // namespace

TEST_CASE("a request ends behind its body, and what follows is the next one's") {
    const std::string first = "PUT /a HTTP/1.1\r\nHost: a\r\ncontent-LENGTH:  3 \r\n\r\nabc";
    for (std::size_t size = 0; size < first.size(); ++size)
        CHECK(frame(first.substr(0, size)).state != State::whole);
    CHECK(frame(first.substr(0, first.size() - 4)).state == State::head);
    CHECK(frame(first.substr(0, first.size() - 2)).state == State::body);
    for (const char* more : {"", "GET / HTTP/1.1\r\n\r\n", "\r\n\r\n"}) {
        const Framing framing = frame(first + more);
        CHECK(framing.state == State::whole);
        CHECK(framing.bytes == first.size());
    }
    CHECK(frame("GET / HTTP/1.0\r\n\r\n").state == State::whole);
}

TEST_CASE("a length that could be read in two ways is refused") {
    for (const char* header :
         {"Content-Length: 1\r\nContent-Length: 1", "Content-Length: +1", "Content-Length: 1,1",
          "Content-Length: 0x1", "Content-Length: -1", "Content-Length:", "Content-Length: 1 1",
          "Content-Length : 1", " Content-Length: 1", "Content-Length\t: 1", ": 1", "nothing",
          "X: a\nContent-Length: 1", "X: a\rContent-Length: 1"}) {
        CAPTURE(header);
        CHECK(refusal(with(header)) == 400);
    }
    CHECK(refusal(with("Transfer-Encoding: chunked")) == 411);
    CHECK(refusal(with("transfer-encoding: identity")) == 411);
    CHECK(refusal(with("Content-Encoding: gzip")) == 415);
    CHECK(refusal(with("Content-Encoding: identity")) == 0);
    CHECK(refusal(with(std::string("X: a\0b", 6))) == 400);
}

TEST_CASE("what is too large is refused before it is there") {
    CHECK(refusal(with("Content-Length: 1048576")) == 0);
    CHECK(refusal(with("Content-Length: 1048577")) == 413);
    CHECK(refusal(with("Content-Length: 99999999999999999999999")) == 413);
    CHECK(refusal("GET /" + std::string(kMaxHeadBytes, 'a')) == 414);
    CHECK(refusal("GET /" + std::string(kMaxTargetBytes, 'a') + " HTTP/1.1\r\n\r\n") == 414);
    CHECK(refusal("GET / HTTP/1.1\r\nX: " + std::string(kMaxHeadBytes, 'a')) == 431);
    std::string many = "GET / HTTP/1.1\r\n";
    for (std::size_t i = 0; i < kMaxHeaders; ++i)
        many += "X: a\r\n";
    CHECK(refusal(many + "\r\n") == 0);
    CHECK(refusal(many + "X: a\r\n\r\n") == 431);
    CHECK(refusal("GET / HTTP/1.1\r\nX: " + std::string(1000, 'a')) == 0);
}

TEST_CASE("a request line has three words and a version we speak") {
    for (const char* line : {"", "GET", "GET /", "GET / HTTP/2.0", "GET / HTTP/1.1 ", "GET  / HTTP/1.1",
                             "GET / a HTTP/1.1", "\x16\x03\x01", "GET /\t HTTP/1.1"}) {
        CAPTURE(line);
        CHECK(refusal(std::string(line) + "\r\n\r\n") == 400);
    }
}

TEST_CASE("a client that waits for a word before its body is known") {
    CHECK(frame(with("Content-Length: 1\r\nExpect: 100-continue")).expects_continue);
    CHECK_FALSE(frame(with("Expect: 100-continue")).expects_continue);
    CHECK_FALSE(frame(with("Content-Length: 1\r\nExpect: more")).expects_continue);
}

}  // namespace ringway::control::rest
