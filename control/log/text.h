#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string_view>

namespace ringway::control {

/// Text that is written in the program. What varies goes into fields, which have types: so neither
/// hostile text nor a key can get into a message.
class LogText {
  public:
    // Implicit, so that a literal can be passed.
    consteval LogText(const char* literal) : text_(literal) {}  // NOLINT(google-explicit-constructor)
    [[nodiscard]] constexpr std::string_view view() const { return text_; }

  private:
    std::string_view text_;
};

/// The name of a field: lower-case letters, digits and `_`, or it does not compile.
class LogKey {
  public:
    consteval LogKey(const char* literal) : text_(literal) {  // NOLINT(google-explicit-constructor)
        const auto allowed = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        };
        if (text_.empty() || !std::all_of(text_.begin(), text_.end(), allowed)) throw "not a field name";
    }
    [[nodiscard]] constexpr std::string_view view() const { return text_; }

  private:
    std::string_view text_;
};

/// A line while it is put together, in memory of its own: no allocation. What does not fit is cut.
class LogBuffer {
  public:
    static constexpr std::size_t kCapacity = 4096;

    void append(std::string_view text) { size_ += text.copy(bytes_.data() + size_, kCapacity - size_); }
    void append(char c) { append(std::string_view(&c, 1)); }
    template <typename Number>
    requires std::integral<Number> || std::floating_point<Number>
    void append_number(Number value) {
        char* const end = bytes_.data() + kCapacity;
        if (const auto [stop, error] = std::to_chars(bytes_.data() + size_, end, value);
            error == std::errc{}) {
            size_ = static_cast<std::size_t>(stop - bytes_.data());
        }
    }
    /// Cuts the end off if otherwise `bytes` more would not fit.
    void make_room(std::size_t bytes) { size_ = std::min(size_, kCapacity - bytes); }
    [[nodiscard]] bool has_room(std::size_t bytes) const { return kCapacity - size_ >= bytes; }
    [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    std::array<char, kCapacity> bytes_;
    std::size_t size_ = 0;
};

}  // namespace ringway::control
