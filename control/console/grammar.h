#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control/console/command.h"
#include "control/console/walk.h"

struct cmdline;

namespace ringway::control::console {

/// The table of commands as a context of DPDK's cmdline library: one instruction whose tokens are made
/// while a line is read, each asking Walk. One console's own; one thread.
class Grammar {
  public:
    /// Longer lines are refused; what the line editor holds.
    static constexpr std::size_t kMaxLine = 512;

    /// `commands` must outlive it. Throws std::bad_alloc.
    Grammar(const Commands& commands, Completer completer);
    ~Grammar();
    Grammar(const Grammar&) = delete;
    Grammar& operator=(const Grammar&) = delete;

    /// Reads a line and does what it says. Nothing happens on an empty one. A command's exceptions are
    /// passed on. Tables are `columns` wide at most.
    [[nodiscard]] Answer run(std::string_view line, std::size_t columns = kColumns);

    /// For the line editor, by the rules of cmdline_complete(): `state` is 0 to complete, -1 to list.
    [[nodiscard]] int complete(const char* line, char* out, unsigned size, int* state);

    [[nodiscard]] const Commands& commands() const { return commands_; }

  private:
    struct Library;  ///< what the library calls

    void begin_listing(const char* line);
    [[nodiscard]] bool list_rest(char* out, unsigned size);
    [[nodiscard]] std::string listed_line(std::string_view raw) const;
    [[nodiscard]] std::string why_not(std::string_view line);
    [[nodiscard]] Answer run_command(std::size_t columns);

    const Commands& commands_;
    Completer completer_;
    Walk walk_;
    std::unique_ptr<Library> library_;
    cmdline* cmdline_ = nullptr;

    // Of the line at hand.
    bool completing_ = false;
    bool at_end_ = false;  ///< no word follows the one taken last
    bool matched_ = false;
    std::string partial_;
    bool choices_known_ = false;
    std::vector<Walk::Choice> choices_;
    std::size_t more_ = 0;
    std::vector<std::string> rest_;  ///< lines of a listing that the library does not know of
};

}  // namespace ringway::control::console
