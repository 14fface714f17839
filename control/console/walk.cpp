#include "control/console/walk.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringway::control::console {
namespace {

constexpr std::size_t kMaxDigits = 9;
constexpr std::size_t kMaxShown = 40;

bool is_number(const std::string& word) {
    return word.size() <= kMaxDigits &&
           std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool fits(const Parameter& parameter, const std::string& word) {
    if (parameter.kind == Parameter::Kind::number) return is_number(word);
    if (parameter.kind != Parameter::Kind::choice) return true;
    const auto& choices = parameter.choices;
    return std::find(choices.begin(), choices.end(), word) != choices.end();
}

std::string shortened(const std::string& word) {
    return word.size() <= kMaxShown ? word : word.substr(0, kMaxShown) + "...";
}

}  // namespace

void Walk::reset() {
    candidates_.clear();
    for (const Command& command : commands_)
        candidates_.push_back(&command);
    words_ = 0;
    command_ = nullptr;
    next_argument_ = 0;
    option_ = nullptr;
    used_.reset();
    arguments_.clear();
    refused_.clear();
}

const Parameter* Walk::awaited() const {
    if (command_ == nullptr) return nullptr;
    if (next_argument_ < command_->arguments.size()) return &command_->arguments[next_argument_];
    return option_;
}

bool Walk::accept(const std::string& word) {
    const bool accepted = command_ == nullptr    ? accept_word_of_command(word)
                          : awaited() != nullptr ? accept_value(*awaited(), word)
                                                 : accept_option(word);
    if (!accepted) refused_ = word;
    return accepted;
}

bool Walk::accept_word_of_command(const std::string& word) {
    std::vector<const Command*> fitting;
    for (const Command* candidate : candidates_) {
        if (words_of(candidate->words)[words_] == word) fitting.push_back(candidate);
    }
    if (fitting.empty()) return false;
    candidates_ = std::move(fitting);
    ++words_;
    if (words_of(candidates_.front()->words).size() == words_) command_ = candidates_.front();
    return true;
}

bool Walk::accept_value(const Parameter& parameter, const std::string& word) {
    if (!fits(parameter, word)) return false;
    arguments_.set(parameter.name, word);
    if (option_ != nullptr) {
        option_ = nullptr;
    } else {
        ++next_argument_;
    }
    return true;
}

bool Walk::accept_option(const std::string& word) {
    for (std::size_t i = 0; i < command_->options.size(); ++i) {
        const Parameter& option = command_->options[i];
        if (option.name != word || used_[i]) continue;
        used_.set(i);
        if (option.kind == Parameter::Kind::flag) {
            arguments_.set(option.name, "");
        } else {
            option_ = &option;
        }
        return true;
    }
    return false;
}

bool Walk::can_end() const {
    return command_ != nullptr && awaited() == nullptr && refused_.empty();
}

bool Walk::can_go_on() const {
    return command_ == nullptr || awaited() != nullptr || used_.count() < command_->options.size();
}

std::vector<Walk::Choice> Walk::listed() const {
    std::vector<Choice> all;
    if (command_ == nullptr) {
        for (const Command* candidate : candidates_) {
            const auto words = words_of(candidate->words);
            const bool last = words_ + 1 == words.size();
            const std::string help = last ? candidate->help : words[words_ + 1];
            // The help of a group of commands is the list of what follows.
            if (!all.empty() && all.back().word == words[words_]) {
                all.back().help += ", " + help;
            } else {
                all.push_back({words[words_], help});
            }
        }
        return all;
    }
    if (const Parameter* parameter = awaited()) {
        for (const std::string& choice : parameter->choices)
            all.push_back({choice, parameter->help});
        return all;
    }
    for (std::size_t i = 0; i < command_->options.size(); ++i) {
        if (!used_[i]) all.push_back({command_->options[i].name, command_->options[i].help});
    }
    return all;
}

std::vector<Walk::Choice> Walk::choices(const std::string& partial, const Completer& completer,
                                        std::size_t& more) const {
    more = 0;
    const Parameter* parameter = awaited();
    std::vector<Choice> fitting;
    if (parameter != nullptr &&
        (parameter->kind == Parameter::Kind::peer || parameter->kind == Parameter::Kind::tunnel)) {
        Names names = completer(parameter->kind, partial);
        more = names.more;
        for (std::string& name : names.names)
            fitting.push_back(
                {std::move(name), parameter->kind == Parameter::Kind::peer ? "peer" : "tunnel"});
        return fitting;
    }
    if (parameter != nullptr && parameter->choices.empty())
        return {{"", parameter->placeholder() + "  " + parameter->help}};
    for (Choice& choice : listed()) {
        if (choice.word.starts_with(partial)) fitting.push_back(std::move(choice));
    }
    return fitting;
}

std::string Walk::refusal() const {
    std::string expected;
    if (const Parameter* parameter = awaited()) {
        expected = fmt::format("{} ({})", parameter->placeholder(), parameter->help);
    } else {
        for (const Choice& choice : listed())
            expected += (expected.empty() ? "" : ", ") + choice.word;
    }
    if (expected.empty()) expected = "nothing more";
    if (refused_.empty()) return "the line ends too early, expected " + expected;
    return fmt::format("'{}' is not known here, expected {}", shortened(refused_), expected);
}

}  // namespace ringway::control::console
