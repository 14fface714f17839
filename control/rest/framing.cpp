#include "control/rest/framing.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ringway::control::rest {
namespace {

Framing refused(int status, const char* why) {
    return {.state = Framing::State::refused, .status = status, .why = why};
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// Without its CRLF; `head` then begins with the next one.
std::string_view take_line(std::string_view& head) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    return line;
}

bool is_request_line(std::string_view line) {
    return (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0")) &&
           std::count(line.begin(), line.end(), ' ') == 2;
}

/// The fields that say where the request ends.
class Fields {
  public:
    /// Nothing if the line is in order.
    [[nodiscard]] std::optional<Framing> take(std::string_view line) {
        const auto colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        if (colon == std::string_view::npos || name.empty() ||
            name.find_first_of(" \t") != std::string_view::npos) {
            return refused(400, "a header is malformed");
        }
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (same_name(name, "transfer-encoding")) return refused(411, "a body needs a Content-Length");
        if (same_name(name, "content-encoding") && !same_name(value, "identity"))
            return refused(415, "the body must not be encoded");
        if (same_name(name, "expect")) expects_continue = same_name(value, "100-continue");
        if (same_name(name, "content-length")) return take_length(value);
        return std::nullopt;
    }

    std::optional<std::size_t> length;
    bool expects_continue = false;

  private:
    [[nodiscard]] std::optional<Framing> take_length(std::string_view value) {
        std::size_t number = 0;
        const char* end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, number);
        if (error == std::errc::result_out_of_range) return refused(413, "the body is too large");
        if (error != std::errc() || stop != end || length) return refused(400, "Content-Length is malformed");
        if (number > kMaxBodyBytes) return refused(413, "the body is too large");
        length = number;
        return std::nullopt;
    }
};

}  // namespace

Framing frame(std::string_view bytes) {
    const auto end = bytes.substr(0, kMaxHeadBytes).find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (bytes.size() < kMaxHeadBytes) return {};
        const bool is_target = bytes.substr(0, kMaxTargetBytes).find("\r\n") == std::string_view::npos;
        return is_target ? refused(414, "the path is too long") : refused(431, "the headers are too large");
    }
    std::string_view head = bytes.substr(0, end + 2);
    const std::string_view request_line = take_line(head);
    if (request_line.size() > kMaxTargetBytes) return refused(414, "the path is too long");
    if (!is_request_line(request_line) || request_line.find('\t') != std::string_view::npos ||
        std::any_of(request_line.begin(), request_line.end(), is_control))
        return refused(400, "the request line is malformed");
    Fields fields;
    for (std::size_t count = 0; !head.empty(); ++count) {
        const std::string_view line = take_line(head);
        if (count == kMaxHeaders) return refused(431, "there are too many headers");
        if (std::any_of(line.begin(), line.end(), is_control)) return refused(400, "a header is malformed");
        if (const auto problem = fields.take(line)) return *problem;
    }
    const std::size_t whole = end + 4 + fields.length.value_or(0);
    return {.state = bytes.size() < whole ? Framing::State::body : Framing::State::whole,
            .bytes = whole,
            .expects_continue = fields.expects_continue && fields.length.has_value()};
}

}  // namespace ringway::control::rest
