// Whatever comes as a line or as keys of a terminal is answered with text or refused with a reason, and the
// console goes on.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "control/console/grammar.h"
#include "control/console/line_editor.h"
#include "tests/control/console/commands.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

namespace {

using namespace control::console;

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

/// What the grammar makes of a line, exceptions of the command itself apart.
void check_line(Grammar& grammar, std::string_view line) {
    Answer answer;
    try {
        answer = grammar.run(line);
    } catch (const std::runtime_error&) {
        return;
    }
    promise(is_plain(answer.text), "an answer is text");
    promise(answer.text.empty() || answer.text.ends_with('\n'), "an answer's last line is ended");
    promise(answer.accepted || answer.text.starts_with("error: "), "a refusal has a reason");
    promise(answer.accepted || answer.text.size() < 1000, "a refusal is short");
    promise(answer.accepted || answer.next == Answer::Next::go_on, "no refused line closes the console");
}

/// Keys, completed and edited; each line that comes of it is one for the grammar.
void press(Grammar& grammar, LineEditor& editor, std::string_view keys) {
    editor.begin();
    for (const char key : keys) {
        switch (editor.take(key)) {
            case LineEditor::Result::more:
                continue;
            case LineEditor::Result::line:
                promise(editor.line().size() <= Grammar::kMaxLine, "a line fits the editor");
                if (!editor.line_is_cut()) check_line(grammar, editor.line());
                break;
            case LineEditor::Result::ended:
                break;
        }
        editor.begin();
        (void)editor.take_shown();
    }
    (void)editor.take_shown();
}

}  // namespace

void fuzz_console(Input input) {
    static const Commands kCommands = sample_commands();
    const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
    Grammar grammar(kCommands, sample_names);
    check_line(grammar, text);
    LineEditor editor(grammar, "> ");
    press(grammar, editor, text);
    // Whatever came before, the console is as good as new.
    press(grammar, editor, "\003\025");
    promise(grammar.run("show status").text == "status\n", "the next line is understood");
}

}  // namespace ringway::tests
