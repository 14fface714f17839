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

std::string_view text_of(Exposition::Type type) {
    switch (type) {
        case Exposition::Type::counter:
            return "counter";
        case Exposition::Type::gauge:
            return "gauge";
        case Exposition::Type::histogram:
            return "histogram";
    }
    return "untyped";
}

double seconds(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / 1e9;
}

}  // namespace

void Exposition::family(std::string_view name, Type type, std::string_view help) {
    name_ = fmt::format("ringway_{}", name);
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name_, help, name_,
                   text_of(type));
}

void Exposition::label(char separator, std::string_view key, std::string_view value) {
    text_ += separator;
    text_ += key;
    text_ += "=\"";
    append_escaped(text_, value);
    text_ += '"';
}

void Exposition::begin(Labels labels, std::string_view suffix, std::string_view bound) {
    text_ += name_;
    text_ += suffix;
    char separator = '{';
    for (const auto& [key, value] : labels) {
        label(separator, key, value);
        separator = ',';
    }
    if (!bound.empty()) {
        label(separator, "le", bound);
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

void Exposition::histogram(Labels labels, const dataplane::Distribution& distribution) {
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < distribution.counts.size(); ++i) {
        const bool last = i + 1 == distribution.counts.size();
        so_far += distribution.counts[i];
        begin(labels, "_bucket", last ? "+Inf" : fmt::format("{}", seconds(distribution.bound(i))));
        fmt::format_to(std::back_inserter(text_), "{}\n", so_far);
    }
    begin(labels, "_sum");
    fmt::format_to(std::back_inserter(text_), "{}\n", seconds(distribution.sum_nanoseconds));
    begin(labels, "_count");
    fmt::format_to(std::back_inserter(text_), "{}\n", so_far);
}

}  // namespace ringway::control
