#pragma once

// What the console knows how to do, as plain values: cmdline's tokens, completion, help and the reference
// in the README all come from one table of commands.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "control/console/columns.h"

namespace ringway::control::console {

/// What a command says, and what becomes of the console after it.
struct Answer {
    enum class Next : unsigned char { go_on, close };

    bool accepted = true;
    std::string text;  ///< printable text and line feeds, the last line ended
    Next next = Next::go_on;
};

[[nodiscard]] inline Answer refuse(std::string why) {
    return {.accepted = false, .text = "error: " + std::move(why) + "\n"};
}

/// A word that an operator fills in, or that is there or not.
struct Parameter {
    enum class Kind : unsigned char {
        flag,    ///< an option without a value
        number,  ///< decimal digits
        text,    ///< any word
        choice,  ///< one of `choices`
        peer,    ///< a peer's name or key; what there is can be completed
        tunnel,  ///< likewise
    };

    std::string name;
    Kind kind = Kind::text;
    std::string help;
    std::vector<std::string> choices = {};

    /// "NAME", "page NUMBER": how a line of help shows it.
    [[nodiscard]] std::string placeholder() const;
};

/// The values of a line, by the names of the parameters; a flag that is there has an empty one.
class Arguments {
  public:
    void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
    void clear() { values_.clear(); }
    [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }
    /// Empty if it is not there.
    [[nodiscard]] std::string text(const std::string& name) const;
    /// `otherwise` if it is not there. Numbers were checked when the line was read.
    [[nodiscard]] std::size_t number(const std::string& name, std::size_t otherwise) const;
    /// How many characters a line of the answer may have.
    [[nodiscard]] std::size_t columns() const { return columns_; }
    void set_columns(std::size_t columns) { columns_ = columns; }

  private:
    std::size_t columns_ = kColumns;
    std::map<std::string, std::string> values_;
};

/// Fixed words, then arguments in their order, then options in any order.
struct Command {
    std::string words;
    std::string help;
    std::vector<Parameter> arguments;
    std::vector<Parameter> options;
    std::function<Answer(const Arguments&)> run;

    [[nodiscard]] std::string usage() const;
};

using Commands = std::vector<Command>;

/// Words of a line, cut at blanks.
[[nodiscard]] std::vector<std::string> words_of(std::string_view line);
/// Every command with its help.
[[nodiscard]] std::string help_text(const Commands& commands, std::size_t columns);

/// Names that a word could become: those that begin with `partial`, and how many more there are.
struct Names {
    std::vector<std::string> names;
    std::size_t more = 0;
};
/// Looks up what a peer or tunnel argument could be.
using Completer = std::function<Names(Parameter::Kind kind, const std::string& partial)>;

}  // namespace ringway::control::console
