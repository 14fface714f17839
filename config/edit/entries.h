#pragma once

// Takes entries out of a list or map of a text and puts new ones behind the last, in the style of the
// others. An entry is an item of a list or a key of a map with its value.
//
// What goes with an entry that is taken out: its lines; the comment lines directly above it that begin
// in its own column; comment lines directly below it that are indented deeper, since they stand inside
// it. Comments above a blank line, or further to the left, stay: they are about more than one entry. Of
// two blank lines that would meet, one goes.

#include <cstddef>
#include <vector>

#include "config/document.h"
#include "config/edit/source_text.h"
#include "config/edit/text_edits.h"
#include "config/secret_text.h"

namespace ringway::config {

struct EntryChanges {
    std::vector<bool> removed;  ///< by index
    /// Each as lines without line ends. In a block they have their indentation; between brackets an entry
    /// is one line without any.
    std::vector<std::vector<SecretText>> added;
    bool blank_line_between = false;  ///< in a block: above each one added
};

/// REQUIRES: `container` is a list or map with one entry at least, and changes.removed is as long as it.
void edit_entries(const SourceText& source, const Value& container, const EntryChanges& changes,
                  TextEdits& edits);

/// Where an entry begins: its key, its dash, or the item itself between brackets.
[[nodiscard]] std::size_t entry_begin(const SourceText& source, const Value& container, std::size_t index);

/// The last line of an entry of a block, the comments inside it included.
[[nodiscard]] std::size_t last_line_of_entry(const SourceText& source, const Value& container,
                                             std::size_t index);
/// The first line of an entry of a block, the comments that go with it included.
[[nodiscard]] std::size_t first_line_of_entry(const SourceText& source, const Value& container,
                                              std::size_t index);

}  // namespace ringway::config
