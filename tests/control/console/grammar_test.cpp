#include "control/console/grammar.h"

#include <doctest/doctest.h>

#include <random>

#include "control/console/line_editor.h"
#include "tests/control/console/commands.h"

namespace ringway::control::console {
namespace {

struct Console {
    Commands commands = sample_commands();
    Grammar grammar{commands, sample_names};
    LineEditor editor{grammar, "> "};

    /// What the terminal shows once these keys were pressed, escape sequences left out.
    std::string after(std::string_view keys) {
        editor.begin();
        for (const char key : keys)
            (void)editor.take(key);
        std::string shown;
        const std::string raw = editor.take_shown();
        for (std::size_t i = 0; i < raw.size(); ++i) {
            if (raw[i] == '\033') {
                i = raw.find_first_of("KMEDCJ", i);
            } else if (raw[i] != '\r') {
                shown += raw[i];
            }
        }
        (void)editor.take('\003');
        (void)editor.take_shown();
        return shown;
    }
};

}  // namespace

TEST_CASE("a line is understood, or it is said why not") {
    Console console;
    const auto text = [&](std::string_view line) { return console.grammar.run(line).text; };
    CHECK(text("show status") == "status\n");
    CHECK(text("  show \t status   json ") == "status json\n");
    CHECK(text("show status # and a comment") == "status\n");
    CHECK(text("show peers") == "peers ,,0\n");
    CHECK(text("show peers json top 5 state up tunnel wg0") == "peers wg0,up,5,json\n");
    CHECK(text("show peers state idle") == "peers ,idle,0\n");
    CHECK(text("show peer alice") == "peer alice\n");
    CHECK(text("") == "");
    CHECK(text("   ") == "");
    CHECK(text("# nothing") == "");

    CHECK(text("nonsense") == "error: 'nonsense' is not known here, expected show, fail, quit\n");
    CHECK(text("show") == "error: the line ends too early, expected status, peers, peer\n");
    CHECK(text("show peer") == "error: the line ends too early, expected PEER (which)\n");
    CHECK(text("show peers top") == "error: the line ends too early, expected NUMBER (the busiest)\n");
    CHECK(text("show peers top five") == "error: 'five' is not known here, expected NUMBER (the busiest)\n");
    CHECK(text("show peers top -1") == "error: '-1' is not known here, expected NUMBER (the busiest)\n");
    CHECK(text("show peers state down") ==
          "error: 'down' is not known here, expected up|idle (in a state)\n");
    CHECK(text("show status json json") == "error: 'json' is not known here, expected nothing more\n");
    CHECK(text("quit now") == "error: 'now' is not known here, expected nothing more\n");
    CHECK_FALSE(console.grammar.run("show statu").accepted);
    CHECK_FALSE(console.grammar.run("showstatus").accepted);
    CHECK(console.grammar.run("quit").next == Answer::Next::close);
    CHECK_THROWS_WITH((void)console.grammar.run("fail"), "no luck");
}

TEST_CASE("what is no line of text is refused") {
    Console console;
    CHECK_FALSE(console.grammar.run(std::string(Grammar::kMaxLine + 1, ' ')).accepted);
    CHECK_FALSE(console.grammar.run(std::string(1'000'000, 'x')).accepted);
    CHECK(console.grammar.run(std::string(Grammar::kMaxLine, ' ')).accepted);
    CHECK_FALSE(console.grammar.run("show peer " + std::string(Grammar::kMaxLine - 9, 'x')).accepted);
    CHECK(console.grammar.run("show peer " + std::string(Grammar::kMaxLine - 10, 'x')).accepted);
    CHECK_FALSE(console.grammar.run(std::string_view("show\0status", 11)).accepted);
    CHECK_FALSE(console.grammar.run("show status \x1b[2J").accepted);
    CHECK_FALSE(console.grammar.run("show peer \xc3\xa4").accepted);
}

TEST_CASE("TAB completes words and names as far as they are alike") {
    Console console;
    CHECK(console.after("sh\t") == "> show ");
    CHECK(console.after("show st\t") == "> show status ");
    CHECK(console.after("show p\t") == "> show peer");
    CHECK(console.after("show peer b\t") == "> show peer bob ");
    CHECK(console.after("show peer a\t") == "> show peer al");
    CHECK(console.after("show peers tu\t") == "> show peers tunnel ");
    CHECK(console.after("show peers tunnel w\t") == "> show peers tunnel wg0 ");
    CHECK(console.after("show peers state u\t") == "> show peers state up ");
    CHECK(console.after("show peers json to\t") == "> show peers json top ");
    CHECK(console.after("show peer x\t") == "> show peer x");
}

TEST_CASE("? tells what may follow") {
    Console console;
    const auto shows = [&](std::string_view keys, std::string_view line) {
        return console.after(keys).find(line) != std::string::npos;
    };
    CHECK(shows("show ?", "\n status        the whole\n"));
    CHECK(shows("?", "\n show          status, peers, peer\n"));
    CHECK(shows("show peer ?", "\n bob           peer\n"));
    CHECK(shows("show peers top ?", "\n NUMBER  the busiest\n"));
    CHECK(shows("show peers ?", "\n state         in a state\n"));
    CHECK(shows("show peers ?", "\n <return>"));
    CHECK_FALSE(shows("show peers top ?", "<return>"));
    CHECK_FALSE(shows("show peers json ?", "\n json"));
    CHECK(shows("quit ?", "<return>"));
    CHECK(shows("show peers state idle ?", "\n top"));
}

TEST_CASE("of many names a few are listed, and what all have in common is completed") {
    const Commands commands = sample_commands();
    Grammar grammar(commands, [](Parameter::Kind, const std::string&) {
        return Names{{"peer-1", "peer-2"}, 99'998};
    });
    LineEditor editor(grammar, "> ");
    editor.begin();
    for (const char key : std::string_view("show peer \t"))
        (void)editor.take(key);
    const std::string shown = editor.take_shown();
    CHECK(shown.find("... and 99998 more") != std::string::npos);
}

TEST_CASE("a line longer than the editor holds is not taken for what was typed") {
    Console console;
    console.editor.begin();
    for (int i = 0; i < 1'000'000; ++i)
        (void)console.editor.take(i < 11 ? "show status"[i] : ' ');
    CHECK(console.editor.take('\n') == LineEditor::Result::line);
    CHECK(console.editor.line_is_cut());
    console.editor.begin();
    for (const char key : std::string_view("show status"))
        (void)console.editor.take(key);
    CHECK(console.editor.take('\r') == LineEditor::Result::line);
    CHECK_FALSE(console.editor.line_is_cut());
    CHECK(console.editor.line() == "show status");
}

TEST_CASE("lines are recalled") {
    Console console;
    console.editor.begin();
    for (const char key : std::string_view("show peer bob\n"))
        (void)console.editor.take(key);
    CHECK(console.after("\033[A").ends_with("show peer bob"));
    CHECK(console.editor.take('\004') == LineEditor::Result::ended);
}

TEST_CASE("junk breaks neither editor nor grammar") {
    Console console;
    std::mt19937 random(1);
    const std::vector<std::string> pieces = {"show", " ",      "peers",  "top",  "1",   "\t",
                                             "?",    "\033[A", "\033[D", "\n",   "#",   "peer",
                                             "al",   "json",   "\x7f",   "\003", "\033"};
    for (int round = 0; round < 20'000; ++round) {
        std::string line;
        for (auto n = random() % 12; n > 0; --n) {
            line += random() % 4 == 0 ? std::string(1, static_cast<char>(random()))
                                      : pieces[random() % pieces.size()];
            if (random() % 2 == 0) line += ' ';
        }
        console.editor.begin();
        for (const char key : line) {
            if (console.editor.take(key) == LineEditor::Result::line) console.editor.begin();
        }
        (void)console.editor.take_shown();
        if (line.find("fail") == std::string::npos) (void)console.grammar.run(line);
    }
    CHECK(console.grammar.run("show status").accepted);
}

}  // namespace ringway::control::console
