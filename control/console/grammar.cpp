#include "control/console/grammar.h"

#include <cmdline.h>
#include <cmdline_parse.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "control/console/table.h"

namespace ringway::control::console {
namespace {

constexpr std::size_t kWordColumn = 14;
/// What fits the narrowest terminal.
constexpr std::size_t kListColumns = 78;

/// The library hands its callback for tokens nothing but the token's place: whose it is, is known here.
thread_local Grammar* at_work = nullptr;

class AtWork {
  public:
    explicit AtWork(Grammar* grammar) { at_work = grammar; }
    ~AtWork() { at_work = nullptr; }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
};

std::string_view first_word(std::string_view text) {
    return text.substr(0, std::min(text.find_first_of(" \t\r\n"), text.size()));
}

bool has_control_characters(std::string_view line) {
    return std::any_of(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\t') || static_cast<unsigned char>(c) > '~';
    });
}

bool copy_out(const std::string& text, char* out, unsigned size) {
    if (size == 0) return false;
    const std::size_t length = std::min<std::size_t>(text.size(), size - 1);
    text.copy(out, length);
    out[length] = '\0';
    return true;
}

}  // namespace

/// One instruction without tokens of its own, and the one token that stands for each of them.
struct Grammar::Library {
    explicit Library(Grammar* grammar);

    static void call(void* parsed, cmdline* line, void* data);
    static int parse(cmdline_token_hdr*, const char* text, void*, unsigned);
    static int count_choices(cmdline_token_hdr*);
    static int get_choice(cmdline_token_hdr*, int index, char* out, unsigned size);
    static int get_help(cmdline_token_hdr*, char* out, unsigned size);

    cmdline_token_ops operations{parse, count_choices, get_choice, get_help};
    cmdline_token_hdr token{&operations, 0};
    /// The instruction ends in an array of unknown length: here of one entry, which says "dynamic".
    alignas(cmdline_inst) std::byte memory[sizeof(cmdline_inst) + sizeof(cmdline_token_hdr*)]{};
    cmdline_inst* instruction;
    cmdline_parse_ctx_t context[2];
};

Grammar::Library::Library(Grammar* grammar)
    : instruction(new (&memory) cmdline_inst), context{instruction, nullptr} {
    instruction->f = call;
    instruction->data = grammar;
    instruction->help_str = nullptr;
    instruction->tokens[0] = nullptr;
}

/// With a `line`: the whole line was good. Without: `parsed` wants the token at the place `data`.
void Grammar::Library::call(void* parsed, cmdline* line, void* data) {
    Grammar& grammar = *at_work;
    if (line != nullptr) {
        grammar.matched_ = true;
        return;
    }
    Library& library = *grammar.library_;
    auto** token = static_cast<cmdline_token_hdr**>(parsed);
    if (data == &library.instruction->tokens[0]) {
        grammar.walk_.reset();
        grammar.at_end_ = false;
    }
    const bool ends = grammar.at_end_ && grammar.walk_.can_end() && !grammar.completing_;
    *token = ends || !grammar.walk_.can_go_on() ? nullptr : &library.token;
}

int Grammar::Library::parse(cmdline_token_hdr*, const char* text, void*, unsigned) {
    const std::string_view word = first_word(text);
    if (!at_work->walk_.accept(std::string(word))) return -1;
    const char* rest = text + word.size();
    at_work->at_end_ = rest[std::strspn(rest, " \t\r\n")] == '\0';
    return static_cast<int>(word.size());
}

int Grammar::Library::count_choices(cmdline_token_hdr*) {
    Grammar& grammar = *at_work;
    if (!grammar.choices_known_) {
        grammar.choices_ = grammar.walk_.choices(grammar.partial_, grammar.completer_, grammar.more_);
        grammar.choices_known_ = true;
    }
    const auto& choices = grammar.choices_;
    const bool can_be_listed = !choices.empty() && !choices.front().word.empty();
    return can_be_listed ? static_cast<int>(choices.size()) : 0;
}

int Grammar::Library::get_choice(cmdline_token_hdr*, int index, char* out, unsigned size) {
    const auto& choices = at_work->choices_;
    if (index < 0 || static_cast<std::size_t>(index) >= choices.size()) return -1;
    return copy_out(choices[static_cast<std::size_t>(index)].word, out, size) ? 0 : -1;
}

int Grammar::Library::get_help(cmdline_token_hdr*, char* out, unsigned size) {
    return copy_out("", out, size) ? 0 : -1;
}

Grammar::Grammar(const Commands& commands, Completer completer)
    : commands_(commands),
      completer_(std::move(completer)),
      walk_(commands),
      library_(std::make_unique<Library>(this)) {
    const AtWork here(this);
    cmdline_ = cmdline_new(library_->context, "", -1, -1);
    if (cmdline_ == nullptr) throw std::bad_alloc();
}

Grammar::~Grammar() {
    cmdline_free(cmdline_);
}

Answer Grammar::run(std::string_view line, std::size_t columns) {
    if (line.size() > kMaxLine) return refuse(fmt::format("a line has {} characters at most", kMaxLine));
    if (has_control_characters(line)) return refuse("the line holds bytes that are not plain text");
    // '#' begins a comment, as in the library.
    const std::string text(line.substr(0, line.find('#')));
    if (text.find_first_not_of(" \t") == std::string::npos) return {};
    {
        const AtWork here(this);
        completing_ = false;
        matched_ = false;
        (void)cmdline_parse(cmdline_, (text + "\n").c_str());
    }
    if (!matched_) return refuse(why_not(text));
    return run_command(columns);
}

/// The library stops where no word may follow, without a look at the one that does.
std::string Grammar::why_not(std::string_view line) {
    walk_.reset();
    for (const std::string& word : words_of(line)) {
        if (!walk_.accept(word)) break;
    }
    return walk_.refusal();
}

Answer Grammar::run_command(std::size_t columns) {
    // A copy: what the command does must not depend on the next line.
    Arguments arguments = walk_.arguments();
    arguments.set_columns(columns);
    return walk_.command().run(arguments);
}

int Grammar::complete(const char* line, char* out, unsigned size, int* state) {
    const AtWork here(this);
    const bool first = *state <= 0;
    if (first) begin_listing(line);
    const int result = cmdline_complete(cmdline_, line, state, out, size);
    // No name begins like this: to the library that is a word that can't be listed.
    if (choices_known_ && choices_.empty()) return CMDLINE_PARSE_COMPLETE_FINISHED;
    if (result == CMDLINE_PARSE_COMPLETE_AGAIN) {
        (void)copy_out(listed_line(out), out, size);
        return result;
    }
    if (result != CMDLINE_PARSE_COMPLETE_FINISHED || (first && choices_.empty())) return result;
    return list_rest(out, size) ? CMDLINE_PARSE_COMPLETE_AGAIN : CMDLINE_PARSE_COMPLETE_FINISHED;
}

void Grammar::begin_listing(const char* line) {
    const std::string_view text(line);
    const auto blank = text.find_last_of(" \t");
    partial_ = blank == std::string_view::npos ? text : text.substr(blank + 1);
    completing_ = true;
    choices_known_ = false;
    choices_.clear();
    more_ = 0;
    rest_.clear();
    // The library does not know that a line which may go on may also end.
    Walk walk(commands_);
    const auto words = words_of(text.substr(0, text.size() - partial_.size()));
    const bool good = std::all_of(words.begin(), words.end(), [&](const auto& w) { return walk.accept(w); });
    if (good && partial_.empty() && walk.can_end() && walk.can_go_on())
        rest_.push_back(listed_line("[RETURN]"));
}

bool Grammar::list_rest(char* out, unsigned size) {
    if (more_ != 0) {
        (void)copy_out(fmt::format("... and {} more: type more letters", more_), out, size);
        more_ = 0;
        return true;
    }
    if (rest_.empty()) return false;
    (void)copy_out(rest_.back(), out, size);
    rest_.pop_back();
    return true;
}

/// The library writes "word [help of the token]: help of the instruction"; we say what we know.
std::string Grammar::listed_line(std::string_view raw) const {
    if (raw.starts_with("[RETURN]")) return "<return>      do it";
    if (!choices_.empty() && choices_.front().word.empty()) return choices_.front().help;
    const std::string_view word = first_word(raw);
    const auto found = std::find_if(choices_.begin(), choices_.end(),
                                    [&](const auto& choice) { return choice.word == word; });
    if (found == choices_.end()) return std::string(word);
    const std::size_t fill = word.size() < kWordColumn ? kWordColumn - word.size() : 1;
    // The library writes a blank before it, and no carriage return within.
    std::string lines =
        wrapped(found->word + std::string(fill, ' ') + found->help, kListColumns, kWordColumn + 1);
    lines.pop_back();
    for (auto at = lines.find('\n'); at != std::string::npos; at = lines.find('\n', at + 2))
        lines.insert(at, 1, '\r');
    return lines;
}

}  // namespace ringway::control::console
