#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/configuration.h"
#include "control/log/field.h"

namespace ringway::control {

using config::LogLevel;

/// One thing that happened. Refers to its parts: valid during the call that logs it.
struct LogRecord {
    std::uint64_t unix_nanoseconds = 0;
    LogLevel level = LogLevel::info;
    std::string_view component;
    std::string_view message;
    std::span<const LogField> fields;
    std::uint64_t withheld = 0;  ///< records like this one that a LogLimit kept back since the last
};

/// The level's number in syslog(3), which the journal sorts by.
[[nodiscard]] int syslog_priority(LogLevel level);

/// `component: message key=value ...`. Values that hold anything but plain visible ASCII are quoted
/// and escaped, so that a record is always one line and a value never looks like a field.
void append_text(LogBuffer& out, const LogRecord& record);

/// A line for people: time (UTC), level, text, newline.
void append_line(LogBuffer& out, const LogRecord& record);

/// A line for systemd's reader of standard error, as in sd-daemon(3): `<priority>`, text, newline.
void append_prefixed_line(LogBuffer& out, const LogRecord& record);

/// A datagram of the journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): the text and
/// each field by itself, as RINGWAY_KEY.
void append_journal_entry(LogBuffer& out, const LogRecord& record);

}  // namespace ringway::control
