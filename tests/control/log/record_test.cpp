#include "control/log/record.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "crypto/keys.h"

namespace ringway::control {
namespace {

// What must not compile: a secret, or a pointer to one, as a field.
static_assert(!Loggable<crypto::PrivateKey>);
static_assert(!Loggable<crypto::PresharedKey>);
static_assert(!Loggable<crypto::SymmetricKey>);
static_assert(!Loggable<const std::uint8_t*>);
static_assert(!std::is_constructible_v<LogField, LogKey, const crypto::PrivateKey&>);
static_assert(!std::is_constructible_v<LogField, LogKey, const crypto::KeyMaterial&>);
static_assert(std::is_constructible_v<LogField, LogKey, const crypto::PublicKey&>);
// Nor text made while the program runs, as a message.
static_assert(!std::is_constructible_v<LogText, std::string>);
static_assert(!std::is_constructible_v<LogText, std::string_view>);

std::string text_of(std::initializer_list<LogField> fields) {
    LogBuffer out;
    append_text(out, {.component = "c", .message = "m", .fields = {fields.begin(), fields.size()}});
    return std::string(out.view());
}

std::string line_at(std::uint64_t unix_nanoseconds, LogLevel level = LogLevel::info) {
    LogBuffer out;
    append_line(out,
                {.unix_nanoseconds = unix_nanoseconds, .level = level, .component = "c", .message = "m"});
    return std::string(out.view());
}

}  // namespace

TEST_CASE("a record reads as component, message and fields") {
    CHECK(text_of({}) == "c: m");
    CHECK(text_of({{"peer", "alice"}, {"attempts", 3}, {"up", true}}) ==
          "c: m peer=alice attempts=3 up=true");
}

TEST_CASE("every loggable type has its customary text") {
    crypto::PublicKey key;
    key.bytes.fill(0x22);
    const auto v4 = dataplane::IpAddress{.family = dataplane::Family::v4, .bytes = {192, 0, 2, 1}};
    const auto v6 = dataplane::IpAddress{.family = dataplane::Family::v6, .bytes = {0x20, 0x01, 0x0d, 0xb8}};
    CHECK(text_of({{"key", key}}) == "c: m key=IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=");
    CHECK(text_of({{"a", v4}, {"b", v6}}) == "c: m a=192.0.2.1 b=2001:db8::");
    CHECK(text_of({{"p", dataplane::IpPrefix{v4, 24}}}) == "c: m p=192.0.2.1/24");
    CHECK(text_of({{"e", dataplane::Endpoint{.remote = v4, .remote_port = 7}}}) == "c: m e=192.0.2.1:7");
    CHECK(text_of({{"e", dataplane::Endpoint{.remote = v6, .remote_port = 7}}}) == "c: m e=[2001:db8::]:7");
    CHECK(text_of({{"n", std::int64_t{-5}}, {"u", ~std::uint64_t{0}}, {"b", std::uint8_t{65}}, {"d", 1.5}}) ==
          "c: m n=-5 u=18446744073709551615 b=65 d=1.5");
}

TEST_CASE("a value can't break out of its field or its line") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"x peer=bob", "\"x peer=bob\""},
        {"a=b", "a=b"},  // a name ends at the first equals sign
        {"\"", "\"\\\"\""},
        {"\\", "\"\\\\\""},
        {"x\nerror c: m", "\"x\\nerror c: m\""},
        {std::string("\0\r\x1b[2J\x7f", 7), "\"\\x00\\x0d\\x1b[2J\\x7f\""},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
    };
    for (const auto& [value, text] : cases)
        CHECK(text_of({{"v", value}}) == "c: m v=" + text);
}

TEST_CASE("a long value is cut, and says so") {
    CHECK(text_of({{"v", std::string(512, 'x')}}) == "c: m v=" + std::string(512, 'x'));
    CHECK(text_of({{"v", std::string(513, 'x')}, {"w", 1}}) == "c: m v=" + std::string(512, 'x') + "... w=1");
}

TEST_CASE("a line too long for its buffer is cut and still ends") {
    const std::string value(512, '\x01');  // escaped: four times as long
    const LogField fields[] = {{"a", value}, {"b", value}, {"c", value}};
    LogBuffer out;
    append_line(out, {.component = "c", .message = "m", .fields = fields});
    CHECK(out.view().size() == LogBuffer::kCapacity);
    CHECK(out.view().ends_with("\n"));
}

TEST_CASE("a line begins with its time in UTC and its level") {
    CHECK(line_at(0) == "1970-01-01T00:00:00.000Z info c: m\n");
    CHECK(line_at(951'782'399'999'999'999, LogLevel::debug) == "2000-02-28T23:59:59.999Z debug c: m\n");
    CHECK(line_at(951'782'400'000'000'000, LogLevel::warning) == "2000-02-29T00:00:00.000Z warning c: m\n");
    CHECK(line_at(4'102'444'800'001'000'000, LogLevel::error) == "2100-01-01T00:00:00.001Z error c: m\n");
}

TEST_CASE("a prefixed line begins with the level's syslog number") {
    const std::vector<std::pair<LogLevel, std::string>> cases = {{LogLevel::debug, "<7>c: m\n"},
                                                                 {LogLevel::info, "<6>c: m\n"},
                                                                 {LogLevel::warning, "<4>c: m\n"},
                                                                 {LogLevel::error, "<3>c: m\n"}};
    for (const auto& [level, line] : cases) {
        LogBuffer out;
        append_prefixed_line(out, {.level = level, .component = "c", .message = "m"});
        CHECK(out.view() == line);
    }
}

TEST_CASE("a journal entry holds the text and each field by its length") {
    const LogField fields[] = {{"peer_name", "a\nb"}};
    LogBuffer out;
    append_journal_entry(out,
                         {.level = LogLevel::warning, .component = "c", .message = "m", .fields = fields});
    const std::string text = "c: m peer_name=\"a\\nb\"";
    const auto length = [](std::size_t size) {
        return std::string(1, static_cast<char>(size)) + std::string(7, '\0');
    };
    CHECK(out.view() == "SYSLOG_IDENTIFIER=ringway\nPRIORITY=4\nRINGWAY_COMPONENT=c\nMESSAGE\n" +
                            length(text.size()) + text + "\nRINGWAY_PEER_NAME\n" + length(3) + "a\nb\n");
}

TEST_CASE("a journal entry leaves out what does not fit, whole fields at a time") {
    const std::string value(512, 'x');
    std::vector<LogField> fields(20, LogField{"v", value});
    LogBuffer out;
    append_journal_entry(out, {.component = "c", .message = "m", .fields = fields});
    CHECK(out.view().size() < LogBuffer::kCapacity);
    CHECK(out.view().ends_with(value + "\n"));
}

}  // namespace ringway::control
