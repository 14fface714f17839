#include "config/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ringway::config {

namespace {

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

tl::unexpected<std::string> failure(int error) {
    return tl::make_unexpected(
        fmt::format("can't be read ({}), expected a readable file", std::generic_category().message(error)));
}

/// What is wrong with a file of that kind and mode; empty when nothing is.
std::string judge(const struct stat& status, const FileRules& rules) {
    if (S_ISDIR(status.st_mode)) return "is a folder, expected a file";
    if (rules.regular_only && !S_ISREG(status.st_mode)) return "is not a regular file, expected one";
    const unsigned mode = status.st_mode & 07777U;
    if (rules.owner_only && (mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fmt::format("is open to group or others (mode {:04o}), expected 0600 or --insecure-key-files",
                           mode);
    }
    return {};
}

}  // namespace

FileText::FileText(std::size_t capacity) : bytes_(new char[capacity]), capacity_(capacity) {}

FileText::~FileText() {
    if (bytes_) sodium_memzero(bytes_.get(), size_);
}

FileText::FileText(FileText&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      capacity_(other.capacity_),
      size_(std::exchange(other.size_, 0)),
      is_of_others_(other.is_of_others_) {}

tl::expected<FileText, std::string> read_file(const std::filesystem::path& file, const FileRules& rules) {
    // Without O_NONBLOCK a pipe nobody writes to would hold us up before we know that it is one.
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (rules.regular_only ? O_NONBLOCK : 0);
    const Descriptor descriptor(open(file.c_str(), flags));
    if (descriptor.get() < 0) return failure(errno);
    struct stat status {};
    if (fstat(descriptor.get(), &status) != 0) return failure(errno);
    if (std::string wrong = judge(status, rules); !wrong.empty())
        return tl::make_unexpected(std::move(wrong));

    // A pipe tells no size; and whatever a file tells, one byte more shows that it grew too large.
    const std::size_t most = rules.max_bytes + 1;
    const auto told = static_cast<std::size_t>(status.st_size) + 1;
    FileText text(S_ISREG(status.st_mode) && status.st_size > 0 ? std::min(told, most) : most);
    text.set_of_others(status.st_uid != geteuid());
    while (text.free() > 0) {
        const ssize_t got = read(descriptor.get(), text.end(), text.free());
        if (got == 0) break;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure(errno);
        text.added(static_cast<std::size_t>(got));
    }
    if (text.view().size() > rules.max_bytes) {
        return tl::make_unexpected(fmt::format("is too large, expected at most {} bytes", rules.max_bytes));
    }
    return text;
}

}  // namespace ringway::config
