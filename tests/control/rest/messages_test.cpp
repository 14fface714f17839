#include "control/rest/messages.h"

#include <doctest/doctest.h>

#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

std::string payload_text(const std::string& body) {
    const std::vector<std::uint8_t> payload = payload_in(body);
    return {payload.begin(), payload.end()};
}

/// "422 data": how a body is refused, and for which field.
std::string refusal(const std::string& body) {
    try {
        (void)payload_in(body);
        return "taken";
    } catch (const Problem& problem) {
        return std::to_string(problem.status()) + " " + problem.field();
    }
}

std::string body_with(const char* field, const std::string& value) {
    return Json{{field, value}}.dump();
}

}  // namespace

TEST_CASE("a body says what to send, as text or as base64") {
    CHECK(payload_text(R"({"text": "h\u00e9"})") == "h\xc3\xa9");
    CHECK(payload_text(R"({"data": "AP8="})") == std::string("\0\xff", 2));
    CHECK(payload_text(body_with("text", std::string(1024, 'x'))).size() == 1024);
}

TEST_CASE("a body that is wrong is refused, and the field named") {
    CHECK(refusal("{") == "400 ");
    CHECK(refusal("[]") == "422 ");
    CHECK(refusal("{\"text\": \"\xff\"}") == "400 ");
    CHECK(refusal("{}") == "422 text");
    CHECK(refusal(R"({"text": "a", "data": "YQ=="})") == "422 text");
    CHECK(refusal(R"({"text": "a", "to": "b"})") == "422 to");
    CHECK(refusal(R"({"text": 1})") == "422 text");
    CHECK(refusal(R"({"data": null})") == "422 data");
    CHECK(refusal(R"({"text": ""})") == "422 text");
    CHECK(refusal(R"({"data": ""})") == "422 data");
    CHECK(refusal(R"({"data": "YQ"})") == "422 data");
    CHECK(refusal(R"({"data": "YR=="})") == "422 data");
    CHECK(refusal(body_with("text", std::string(1025, 'x'))) == "413 text");
    CHECK(refusal(body_with("data", std::string(1368, 'A'))) == "413 data");
}

TEST_CASE("bytes that are no UTF-8 are given as data alone") {
    const Json full = full_messages();
    CHECK(full["items"][0]["text"] == "a");
    CHECK(full["items"][0]["data"] == "YQ==");
    CHECK(bare_messages()["items"][0]["text"].is_null());
    CHECK(bare_messages()["items"][0]["data"] == "/w==");
}

}  // namespace ringway::control::rest
