#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/console/grammar.h"
#include "control/console/stream.h"
#include "control/console/terminal_size.h"

namespace ringway::control::console {

class LineEditor;

/// One console: takes lines from a stream and writes answers to it until either ends.
///
/// On the socket a client's first byte chooses the manner. Zero: framed, for programs; each line is a
/// command, and an answer is its text, a zero byte, '1' (accepted) or '0' (refused), and a line feed.
/// Anything else: a terminal in raw mode, whose keys this end interprets, the first byte too. A client that
/// wants the prompt at once sends the size of its terminal (terminal_size.h).
class Session {
  public:
    enum class Manner : unsigned char {
        by_first_byte,
        terminal,  ///< prompt, echo, editing
        framed,
        plain,  ///< lines in, answers out
    };
    enum class End : unsigned char { gone, quit };

    Session(const Stream& stream, const Commands& commands, const Completer& completer, Manner manner)
        : stream_(stream), grammar_(commands, completer), manner_(manner) {}

    /// Until the other side is gone, or the operator quits. Throws nothing that a command throws.
    [[nodiscard]] End run();

  private:
    [[nodiscard]] End run_terminal(std::string_view first);
    [[nodiscard]] std::optional<End> take_keys(LineEditor& editor, std::string_view keys);
    [[nodiscard]] End run_lines();
    [[nodiscard]] Answer answer_to(std::string_view line);
    [[nodiscard]] bool show(const Answer& answer);
    [[nodiscard]] std::size_t columns() const;

    const Stream& stream_;
    Grammar grammar_;
    Manner manner_;
    TerminalSize size_;  ///< as a client on the socket tells it
};

}  // namespace ringway::control::console
