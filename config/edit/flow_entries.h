#pragma once

#include "config/edit/entries.h"

namespace ringway::config {

/// edit_entries() between brackets or braces. An entry that has its lines to itself goes with them and
/// the comment lines directly above; one that shares a line goes with its comma.
void edit_flow_entries(const SourceText& source, const Value& container, const EntryChanges& changes,
                       TextEdits& edits);

}  // namespace ringway::config
