// rdline_new() and its kind bear that mark in DPDK 22.11; they have been there ever since unchanged.
#define ALLOW_EXPERIMENTAL_API

#include "control/console/line_editor.h"

#include <cmdline_rdline.h>

#include <cctype>
#include <new>
#include <utility>

#include "control/console/grammar.h"

namespace ringway::control::console {
namespace {

LineEditor& editor_of(rdline* editor) {
    return *static_cast<LineEditor*>(rdline_get_opaque(editor));
}

}  // namespace

LineEditor::LineEditor(Grammar& grammar, std::string prompt)
    : grammar_(grammar),
      prompt_(std::move(prompt)),
      editor_(rdline_new(write_char, validate, complete, this)) {
    if (editor_ == nullptr) throw std::bad_alloc();
}

LineEditor::~LineEditor() {
    rdline_free(editor_);
}

int LineEditor::write_char(rdline* editor, char c) {
    editor_of(editor).shown_ += c;
    return 0;
}

void LineEditor::validate(rdline* editor, const char* line, unsigned size) {
    LineEditor& self = editor_of(editor);
    // The library ends the line with a line feed and a zero.
    self.line_.assign(line, size < 2 ? 0 : size - 2);
    self.cut_ = self.line_.size() >= Grammar::kMaxLine;
}

int LineEditor::complete(rdline* editor, const char* line, char* out, unsigned size, int* state) {
    return editor_of(editor).grammar_.complete(line, out, size, state);
}

void LineEditor::begin() {
    rdline_newline(editor_, prompt_.c_str());
}

LineEditor::Result LineEditor::take(char c) {
    // The library asks isprint() of a plain char.
    if (static_cast<unsigned char>(c) > 0x7f) return Result::more;
    switch (rdline_char_in(editor_, c)) {
        case RDLINE_RES_VALIDATED:
            break;
        case RDLINE_RES_EOF:
            return Result::ended;
        default:
            return Result::more;
    }
    const char* last = rdline_get_history_item(editor_, 0);
    if (!line_.empty() && !cut_ && (last == nullptr || line_ != last)) {
        (void)rdline_add_history(editor_, line_.c_str());
    }
    return Result::line;
}

std::string LineEditor::take_shown() {
    return std::exchange(shown_, {});
}

}  // namespace ringway::control::console
