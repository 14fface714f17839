#pragma once

// Changes the values of one map of a text.

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/edit/entries.h"
#include "config/edit/scalar_text.h"
#include "config/edit/source_text.h"
#include "config/edit/text_edits.h"

namespace ringway::config {

/// Gathers the changes of a map and hands them to the edits in finish(). Keys that stay keep their
/// places, and new ones come behind the last.
class MapEdit {
  public:
    /// REQUIRES: `map` is a map with one key at least.
    MapEdit(const SourceText& source, const Value& map, TextEdits& edits);

    [[nodiscard]] const Value* find(std::string_view key) const;

    /// Sets text: in the quotes that it has had, else in `quote`.
    void set_text(std::string_view key, std::string_view text, Quote quote);
    /// Sets a number, in hexadecimal if it has been so.
    void set_number(std::string_view key, std::uint64_t number);
    /// Sets a boolean, in the words of the one that it has had: yes for no, Off for On.
    void set_boolean(std::string_view key, bool value);
    /// Sets what is YAML already.
    void set_raw(std::string_view key, std::string_view value);
    /// Puts a text under another key in the place of `old_key`.
    void replace_key(std::string_view old_key, std::string_view key, std::string_view text, Quote quote);
    void remove(std::string_view key);
    /// A key that the map does not have, with its value in the lines below.
    void add_lines(std::string_view key, std::vector<SecretText> lines);
    void finish();

    [[nodiscard]] bool is_flow() const { return source_.is_flow(map_); }
    /// Written as JSON: keys, and therefore all text, in double quotes.
    [[nodiscard]] bool is_json() const;
    /// Of the keys, in a block.
    [[nodiscard]] std::size_t column() const;

  private:
    [[nodiscard]] SecretText key_text(std::string_view key) const;
    void replace_value(const Value& value, std::string_view text);

    const SourceText& source_;
    const Value& map_;
    TextEdits& edits_;
    EntryChanges changes_;
};

/// Whether every key of a map is followed by its colon and, in a block, begins its line or follows the
/// dash: only such a map can be edited in place.
[[nodiscard]] bool is_editable(const SourceText& source, const Value& map);

}  // namespace ringway::config
