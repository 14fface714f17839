#include "control/console/command.h"

#include <fmt/format.h>

#include <charconv>

#include "control/console/table.h"

namespace ringway::control::console {

std::string Parameter::placeholder() const {
    switch (kind) {
        case Kind::flag:
            return name;
        case Kind::number:
            return "NUMBER";
        case Kind::text:
            return "TEXT";
        case Kind::choice:
            return fmt::format("{}", fmt::join(choices, "|"));
        case Kind::peer:
            return "PEER";
        case Kind::tunnel:
            return "TUNNEL";
    }
    return name;
}

std::string Arguments::text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
}

std::size_t Arguments::number(const std::string& name, std::size_t otherwise) const {
    const std::string value = text(name);
    std::size_t number = otherwise;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

std::string Command::usage() const {
    std::string text = words;
    for (const Parameter& argument : arguments)
        text += " " + argument.placeholder();
    for (const Parameter& option : options) {
        text += option.kind == Parameter::Kind::flag
                    ? fmt::format(" [{}]", option.name)
                    : fmt::format(" [{} {}]", option.name, option.placeholder());
    }
    return text;
}

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    constexpr std::string_view kBlank = " \t\r\n";
    for (auto at = line.find_first_not_of(kBlank); at != std::string_view::npos;
         at = line.find_first_not_of(kBlank, at)) {
        const auto end = std::min(line.find_first_of(kBlank, at), line.size());
        words.emplace_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

std::string help_text(const Commands& commands, std::size_t columns) {
    std::string text;
    for (const Command& command : commands) {
        text += wrapped(command.usage(), columns, 4);
        text += wrapped("        " + command.help, columns, 8);
    }
    text +=
        wrapped("TAB completes words and names, ? says what may follow, arrows recall lines, Ctrl-D closes.",
                columns, 0);
    return text;
}

}  // namespace ringway::control::console
