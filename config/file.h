#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ringway::config {

/// The content of a file, zeroed when it dies, since there may be keys in it.
class FileText {
  public:
    explicit FileText(std::size_t capacity);
    ~FileText();
    FileText(FileText&& other) noexcept;
    FileText& operator=(FileText&&) = delete;

    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
    /// Room behind the content, of free() bytes; added() of them become content.
    [[nodiscard]] char* end() { return bytes_.get() + size_; }
    [[nodiscard]] std::size_t free() const { return capacity_ - size_; }
    void added(std::size_t bytes) { size_ += bytes; }
    /// Whether the file belongs to another user than this process runs as.
    [[nodiscard]] bool is_of_others() const { return is_of_others_; }
    void set_of_others(bool is) { is_of_others_ = is; }

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    bool is_of_others_ = false;
};

struct FileRules {
    std::size_t max_bytes;
    bool regular_only = true;  ///< refuse pipes and devices, which could block
    bool owner_only = false;   ///< refuse a file that group or others can read
};

/// Reads a whole file, or says what is wrong with it, in words that follow its name.
[[nodiscard]] tl::expected<FileText, std::string> read_file(const std::filesystem::path& file,
                                                            const FileRules& rules);

}  // namespace ringway::config
