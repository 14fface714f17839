#include "control/log/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "crypto/endian.h"

namespace ringway::control {
namespace {

constexpr std::size_t kMaxValue = 512;

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

bool is_plain(char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
}

void append_escaped(LogBuffer& out, char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out.append('\\');
        out.append(c);
    } else if (c == '\n') {
        out.append("\\n");
    } else if (byte < ' ' || byte == 0x7f) {
        out.append("\\x");
        out.append(kDigits[byte >> 4U]);
        out.append(kDigits[byte & 0xfU]);
    } else {
        out.append(c);
    }
}

void append_quoted_if_needed(LogBuffer& out, std::string_view value) {
    if (!value.empty() && std::ranges::all_of(value, is_plain)) {
        out.append(value);
        return;
    }
    out.append('"');
    for (const char c : value)
        append_escaped(out, c);
    out.append('"');
}

void append_field(LogBuffer& out, const LogField& field) {
    LogBuffer value;
    field.append_value(value);
    const bool cut = value.view().size() > kMaxValue;
    out.append(' ');
    out.append(field.key());
    out.append('=');
    append_quoted_if_needed(out, value.view().substr(0, kMaxValue));
    if (cut) out.append("...");
}

/// 2026-01-31T23:59:59.123Z
void append_time(LogBuffer& out, std::uint64_t unix_nanoseconds) {
    using namespace std::chrono;
    const sys_time<nanoseconds> time{nanoseconds(unix_nanoseconds)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));
    std::array<char, 32> text{};
    const auto end = fmt::format_to_n(
        text.data(), text.size(), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
        clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
    out.append(std::string_view(text.data(), end.out));
}

void end_line(LogBuffer& out) {
    out.make_room(1);
    out.append('\n');
}

void append_journal_key(LogBuffer& out, std::string_view key) {
    out.append("RINGWAY_");
    for (const char c : key)
        out.append(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
}

/// With its length before it a value may hold newlines.
void append_journal_value(LogBuffer& out, std::string_view value) {
    const crypto::Le64 size(value.size());
    out.append('\n');
    out.append({reinterpret_cast<const char*>(&size), sizeof(size)});
    out.append(value);
    out.append('\n');
}

}  // namespace

int syslog_priority(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return 7;
        case LogLevel::info:
            return 6;
        case LogLevel::warning:
            return 4;
        case LogLevel::error:
            return 3;
    }
    return 3;
}

void append_text(LogBuffer& out, const LogRecord& record) {
    out.append(record.component);
    out.append(": ");
    out.append(record.message);
    for (const LogField& field : record.fields)
        append_field(out, field);
    if (record.withheld != 0) append_field(out, {"withheld", record.withheld});
}

void append_line(LogBuffer& out, const LogRecord& record) {
    append_time(out, record.unix_nanoseconds);
    out.append(' ');
    out.append(level_name(record.level));
    out.append(' ');
    append_text(out, record);
    end_line(out);
}

void append_prefixed_line(LogBuffer& out, const LogRecord& record) {
    out.append('<');
    out.append_number(syslog_priority(record.level));
    out.append('>');
    append_text(out, record);
    end_line(out);
}

void append_journal_entry(LogBuffer& out, const LogRecord& record) {
    LogBuffer text;
    append_text(text, record);
    out.append("SYSLOG_IDENTIFIER=ringway\nPRIORITY=");
    out.append_number(syslog_priority(record.level));
    out.append("\nRINGWAY_COMPONENT=");
    out.append(record.component);
    out.append("\nMESSAGE");
    append_journal_value(out, text.view().substr(0, LogBuffer::kCapacity / 2));
    for (const LogField& field : record.fields) {
        LogBuffer value;
        field.append_value(value);
        const std::string_view kept = value.view().substr(0, kMaxValue);
        // A datagram with half a field would be refused whole.
        if (!out.has_room(field.key().size() + kept.size() + 32)) return;
        append_journal_key(out, field.key());
        append_journal_value(out, kept);
    }
}

}  // namespace ringway::control
