#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "config/configuration.h"
#include "control/log/record.h"

namespace ringway::control {

/// Where records go. Calls come from one thread at a time.
class LogSink {
  public:
    virtual ~LogSink() = default;
    /// False if the record is lost: nobody waits for a full disk.
    [[nodiscard]] virtual bool write(const LogRecord& record) = 0;
};

/// What the process was given. Tests give themselves something else.
struct LogEnvironment {
    int standard_error = STDERR_FILENO;  ///< not owned
    /// The variable JOURNAL_STREAM: device and inode of the stream that systemd reads, if it does.
    std::string journal_stream;
    std::filesystem::path journal_socket = "/run/systemd/journal/socket";

    [[nodiscard]] static LogEnvironment of_process();
};

/// Opens what `system.log` names. `journal` is standard error when systemd reads that already (so
/// that lines of other origin keep their order with ours), and the journal's own socket otherwise.
/// A file is made with mode 0640 and appended to. The error says what failed.
[[nodiscard]] tl::expected<std::unique_ptr<LogSink>, std::string> open_log_sink(
    const config::Log& log, const LogEnvironment& environment);

}  // namespace ringway::control
