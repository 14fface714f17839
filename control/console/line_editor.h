#pragma once

#include <functional>
#include <string>
#include <string_view>

struct rdline;

namespace ringway::control::console {

class Grammar;

/// A line on a terminal: echo, editing keys, history, TAB and `?`, by DPDK's rdline. Bytes of a terminal
/// in raw mode go in, what the terminal shall show comes out. One thread.
class LineEditor {
  public:
    enum class Result : unsigned char {
        more,   ///< the line goes on
        line,   ///< a line is complete: see line()
        ended,  ///< Ctrl-D on an empty line
    };

    /// `grammar` completes lines and must outlive it. Throws std::bad_alloc.
    LineEditor(Grammar& grammar, std::string prompt);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    /// Shows the prompt and begins a line.
    void begin();
    [[nodiscard]] Result take(char c);
    /// Without its end. After Result::line.
    [[nodiscard]] const std::string& line() const { return line_; }
    /// More came than a line can hold: it is not what was typed.
    [[nodiscard]] bool line_is_cut() const { return cut_; }
    /// What is to be shown, since the last call.
    [[nodiscard]] std::string take_shown();
    [[nodiscard]] std::size_t waiting() const { return shown_.size(); }

  private:
    static int write_char(rdline* editor, char c);
    static void validate(rdline* editor, const char* line, unsigned size);
    static int complete(rdline* editor, const char* line, char* out, unsigned size, int* state);

    Grammar& grammar_;
    std::string prompt_;
    rdline* editor_;
    std::string shown_;
    std::string line_;
    bool cut_ = false;
};

}  // namespace ringway::control::console
