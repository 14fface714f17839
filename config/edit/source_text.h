#pragma once

// Where the values of a parsed text begin and end in it, byte for byte. yaml-cpp tells only where they
// begin; the ends follow from what they hold.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "config/document.h"

namespace ringway::config {

/// A text and its lines, which are counted from 0 here. Offsets are bytes. Values given must be of this
/// text's own tree.
class SourceText {
  public:
    /// REQUIRES: `text` ends with a line end and outlives this.
    explicit SourceText(std::string_view text);

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] std::size_t offset(Position at) const;

    [[nodiscard]] std::size_t lines() const { return begins_.size(); }
    [[nodiscard]] std::size_t line_of(std::size_t offset) const;
    [[nodiscard]] std::size_t line_begin(std::size_t line) const { return begins_[line]; }
    /// Where the next line begins; of the last line, the end of the text.
    [[nodiscard]] std::size_t line_end(std::size_t line) const;
    /// A line without its line end.
    [[nodiscard]] std::string_view line(std::size_t line) const;
    /// The line end of a line, LF or CRLF.
    [[nodiscard]] std::string_view line_break(std::size_t line) const;
    [[nodiscard]] bool is_blank(std::size_t line) const;
    [[nodiscard]] bool is_comment(std::size_t line) const;
    /// Characters before the first that is no space.
    [[nodiscard]] std::size_t indent(std::size_t line) const;
    [[nodiscard]] std::size_t column(std::size_t offset) const;
    /// What stands before an offset in its line.
    [[nodiscard]] std::string_view before(std::size_t offset) const;
    /// What stands from an offset to the end of its line.
    [[nodiscard]] std::string_view after(std::size_t offset) const;

    /// A list or map in brackets or braces.
    [[nodiscard]] bool is_flow(const Value& value) const;
    [[nodiscard]] std::size_t value_begin(const Value& value) const { return offset(value.at); }
    /// Behind the last character of a value. Of an absent one: behind the colon of its key.
    [[nodiscard]] std::size_t value_end(const Value& value) const;
    [[nodiscard]] std::string_view value_text(const Value& value) const;
    [[nodiscard]] std::size_t key_begin(const Value& value) const { return offset(value.key_at); }
    /// The colon behind the key of a value in a map; nothing when it is in another line.
    [[nodiscard]] std::optional<std::size_t> colon(const Value& value) const;
    /// The dash of an item of a block list; nothing when it can't be found.
    [[nodiscard]] std::optional<std::size_t> dash(const Value& item) const;

    /// The next offset that is neither space, line end nor comment.
    [[nodiscard]] std::size_t skip_gap(std::size_t offset) const;

  private:
    [[nodiscard]] std::size_t quoted_end(std::size_t begin) const;
    [[nodiscard]] std::size_t plain_end(std::size_t begin, std::string_view meaning) const;
    [[nodiscard]] std::size_t block_scalar_end(std::size_t begin) const;
    [[nodiscard]] std::size_t container_end(const Value& value) const;
    [[nodiscard]] std::size_t absent_end(const Value& value) const;

    std::string_view text_;
    std::vector<std::size_t> begins_;
};

}  // namespace ringway::config
