#include "control/log/sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "control/file_descriptor.h"
#include "control/write_all.h"

namespace ringway::control {
namespace {

using Opened = tl::expected<std::unique_ptr<LogSink>, std::string>;
using Format = void (*)(LogBuffer& out, const LogRecord& record);

/// Lines into a descriptor, each with one write, so that those of several processes do not mix.
class StreamSink final : public LogSink {
  public:
    StreamSink(FileDescriptor fd, Format format) : fd_(std::move(fd)), format_(format) {}
    bool write(const LogRecord& record) override {
        LogBuffer line;
        format_(line, record);
        return write_all(fd_.get(), line.view());
    }

  private:
    FileDescriptor fd_;
    Format format_;
};

class JournalSink final : public LogSink {
  public:
    explicit JournalSink(FileDescriptor socket) : socket_(std::move(socket)) {}
    bool write(const LogRecord& record) override {
        LogBuffer entry;
        append_journal_entry(entry, record);
        const std::string_view bytes = entry.view();
        return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }

  private:
    FileDescriptor socket_;
};

Opened failure(const std::filesystem::path& path, std::string_view what) {
    return tl::unexpected(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

Opened open_standard_error(const LogEnvironment& environment, Format format) {
    FileDescriptor copy(::fcntl(environment.standard_error, F_DUPFD_CLOEXEC, 0));
    if (!copy.is_open()) return failure("standard error", "cannot log there");
    return std::make_unique<StreamSink>(std::move(copy), format);
}

Opened open_file(const std::filesystem::path& path) {
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640));
    if (!file.is_open()) return failure(path, "cannot log there");
    return std::make_unique<StreamSink>(std::move(file), append_line);
}

bool systemd_reads_standard_error(const LogEnvironment& environment) {
    struct stat status {};
    return !environment.journal_stream.empty() && ::fstat(environment.standard_error, &status) == 0 &&
           environment.journal_stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

Opened open_journal(const LogEnvironment& environment) {
    if (systemd_reads_standard_error(environment))
        return open_standard_error(environment, append_prefixed_line);
    const std::string& path = environment.journal_socket.native();
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return failure(path, "cannot reach the journal");
    }
    return std::make_unique<JournalSink>(std::move(socket));
}

}  // namespace

LogEnvironment LogEnvironment::of_process() {
    LogEnvironment environment;
    // Read at start-up, while there is one thread.
    if (const char* stream = std::getenv("JOURNAL_STREAM"))
        environment.journal_stream = stream;  // NOLINT(concurrency-mt-unsafe)
    return environment;
}

Opened open_log_sink(const config::Log& log, const LogEnvironment& environment) {
    switch (log.target) {
        case config::LogTarget::standard_error:
            return open_standard_error(environment, append_line);
        case config::LogTarget::journal:
            return open_journal(environment);
        case config::LogTarget::file:
            return open_file(log.file);
    }
    return tl::unexpected(std::string("no such log target"));
}

}  // namespace ringway::control
