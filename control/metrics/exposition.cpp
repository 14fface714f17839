#include "control/metrics/exposition.h"

#include <fmt/format.h>

#include <iterator>

namespace ringway::control {
namespace {

/// Backslash, quote and line feed, as the format has them.
void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '"':
                out += "\\\"";
                break;
            case '\n':
                out += "\\n";
                break;
            default:
                out += c;
        }
    }
}

}  // namespace

void Exposition::family(std::string_view name, Type type, std::string_view help) {
    name_ = fmt::format("ringway_{}", name);
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name_, help, name_,
                   type == Type::counter ? "counter" : "gauge");
}

void Exposition::begin(Labels labels) {
    text_ += name_;
    char separator = '{';
    for (const auto& [key, value] : labels) {
        text_ += separator;
        text_ += key;
        text_ += "=\"";
        append_escaped(text_, value);
        text_ += '"';
        separator = ',';
    }
    if (separator == ',') text_ += '}';
    text_ += ' ';
}

void Exposition::sample(Labels labels, std::uint64_t value) {
    begin(labels);
    fmt::format_to(std::back_inserter(text_), "{}\n", value);
}

void Exposition::sample(Labels labels, double value) {
    begin(labels);
    fmt::format_to(std::back_inserter(text_), "{}\n", value);
}

}  // namespace ringway::control
