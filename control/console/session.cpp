#include "control/console/session.h"

#include <algorithm>
#include <array>
#include <exception>

#include "control/console/line_editor.h"
#include "control/console/table.h"

namespace ringway::control::console {
namespace {

constexpr std::size_t kBuffer = 4096;
constexpr std::size_t kFlush = 65536;

/// A terminal in raw mode goes back to the left only if told to.
std::string with_returns(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 16);
    for (const char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

std::string wrapped_lines(std::string_view text, std::size_t columns) {
    std::string lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines += wrapped(std::string(text.substr(0, end)), columns, 0);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace

Answer Session::answer_to(std::string_view line) {
    try {
        return grammar_.run(line, columns());
    } catch (const std::exception& error) {
        return refuse(error.what());
    }
}

std::size_t Session::columns() const {
    if (manner_ != Manner::terminal) return kColumns;
    return stream_.columns().value_or(size_.columns());
}

Session::End Session::run() {
    std::array<char, kBuffer> buffer{};
    std::string_view first;
    if (manner_ == Manner::by_first_byte) {
        first = stream_.read_greeting(std::span(buffer).first(1));
        if (first.empty()) return End::gone;
        manner_ = first[0] == '\0' ? Manner::framed : Manner::terminal;
        if (manner_ == Manner::framed) first = {};
    }
    return manner_ == Manner::terminal ? run_terminal(first) : run_lines();
}

Session::End Session::run_terminal(std::string_view first) {
    LineEditor editor(grammar_, "ringway> ");
    std::array<char, kBuffer> buffer{};
    editor.begin();
    std::optional<End> end = take_keys(editor, size_.take(first));
    while (!end) {
        const std::string_view keys = stream_.read(buffer);
        end = keys.empty() ? End::gone : take_keys(editor, size_.take(keys));
    }
    return *end;
}

/// Nothing: the console goes on.
std::optional<Session::End> Session::take_keys(LineEditor& editor, std::string_view keys) {
    for (const char key : keys) {
        const LineEditor::Result result = editor.take(key);
        if (result == LineEditor::Result::more && editor.waiting() < kFlush) continue;
        if (!stream_.write(editor.take_shown())) return End::gone;
        if (result == LineEditor::Result::more) continue;
        if (result == LineEditor::Result::ended) {
            (void)stream_.write("\r\n");
            return End::gone;
        }
        const Answer answer =
            editor.line_is_cut() ? refuse("the line is too long") : answer_to(editor.line());
        // A program wants a refusal in one line; here it is read.
        const std::string text = answer.accepted ? answer.text : wrapped_lines(answer.text, columns());
        if (!stream_.write(with_returns(text))) return End::gone;
        if (answer.next == Answer::Next::close) return End::quit;
        editor.begin();
    }
    if (!stream_.write(editor.take_shown())) return End::gone;
    return std::nullopt;
}

Session::End Session::run_lines() {
    std::array<char, kBuffer> buffer{};
    std::string line;
    for (std::string_view bytes = stream_.read(buffer); !bytes.empty(); bytes = stream_.read(buffer)) {
        for (const char c : bytes) {
            if (c != '\n') {
                // One more than a line may have: enough to be refused, whatever follows.
                if (line.size() <= Grammar::kMaxLine) line += c;
                continue;
            }
            if (line.ends_with('\r')) line.pop_back();
            const Answer answer = answer_to(line);
            line.clear();
            if (!show(answer)) return End::gone;
            if (answer.next == Answer::Next::close) return End::quit;
        }
    }
    return End::gone;
}

bool Session::show(const Answer& answer) {
    if (manner_ != Manner::framed) return stream_.write(answer.text);
    return stream_.write(answer.text) &&
           stream_.write(std::string_view(answer.accepted ? "\0001\n" : "\0000\n", 3));
}

}  // namespace ringway::control::console
