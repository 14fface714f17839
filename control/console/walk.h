#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "control/console/command.h"

namespace ringway::control::console {

/// Goes through a line word by word: what it means so far, and what may follow. Knows nothing of the
/// library that edits and cuts the line.
class Walk {
  public:
    /// A word that may follow.
    struct Choice {
        std::string word;  ///< empty: it can't be listed, `help` says what it is
        std::string help;
    };

    explicit Walk(const Commands& commands) : commands_(commands) { reset(); }

    void reset();
    /// Takes the next word. False if it does not fit; then nothing more may be asked but refusal().
    [[nodiscard]] bool accept(const std::string& word);
    /// The line may end here.
    [[nodiscard]] bool can_end() const;
    /// Something may follow.
    [[nodiscard]] bool can_go_on() const;
    /// What may follow and begins with `partial`; sets `more` to the number of names left out.
    [[nodiscard]] std::vector<Choice> choices(const std::string& partial, const Completer& completer,
                                              std::size_t& more) const;
    /// Why the word was refused, or the line can't end here.
    [[nodiscard]] std::string refusal() const;

    /// REQUIRES: can_end().
    [[nodiscard]] const Command& command() const { return *command_; }
    [[nodiscard]] const Arguments& arguments() const { return arguments_; }

  private:
    static constexpr std::size_t kMaxOptions = 16;

    [[nodiscard]] bool accept_word_of_command(const std::string& word);
    [[nodiscard]] bool accept_value(const Parameter& parameter, const std::string& word);
    [[nodiscard]] bool accept_option(const std::string& word);
    /// The parameter whose value comes next, or null.
    [[nodiscard]] const Parameter* awaited() const;
    [[nodiscard]] std::vector<Choice> listed() const;

    const Commands& commands_;
    std::vector<const Command*> candidates_;
    std::size_t words_ = 0;             ///< of the command, taken so far
    const Command* command_ = nullptr;  ///< once all its words are there
    std::size_t next_argument_ = 0;
    const Parameter* option_ = nullptr;  ///< whose value is to come
    std::bitset<kMaxOptions> used_;
    Arguments arguments_;
    std::string refused_;
};

}  // namespace ringway::control::console
