#include <doctest/doctest.h>

#include "control/console/table.h"
#include "control/console/terminal_size.h"
#include "control/console/units.h"
#include "control/view/age_text.h"

namespace ringway::control::console {

TEST_CASE("counts are exact while they are short, and have three digits then") {
    CHECK(count_text(0) == "0");
    CHECK(count_text(99'999) == "99999");
    CHECK(count_text(100'000) == "100k");
    CHECK(count_text(999'499) == "999k");
    CHECK(count_text(999'500) == "1.00M");
    CHECK(count_text(1'234'567) == "1.23M");
    CHECK(count_text(12'345'678'901) == "12.3G");
    CHECK(count_text(~std::uint64_t{0}) == "18.4E");
}

TEST_CASE("bytes") {
    CHECK(bytes_text(1023) == "1023 B");
    CHECK(bytes_text(1024) == "1.00 KiB");
    CHECK(bytes_text(1536) == "1.50 KiB");
    CHECK(bytes_text(1023 * 1024) == "1.00 MiB");
    CHECK(bytes_text(std::uint64_t{5} << 40) == "5.00 TiB");
    CHECK(bytes_text(~std::uint64_t{0}) == "16.0 EiB");
}

TEST_CASE("ages and shares") {
    CHECK(age_text(0.21) == "0.2 s");
    CHECK(age_text(59.9) == "59 s");
    CHECK(age_text(192) == "3 m 12 s");
    CHECK(age_text(2 * 3600 + 61) == "2 h 1 m");
    CHECK(age_text(90000) == "1 d 1 h");
    CHECK(share_text(1, 8) == "12.5 %");
    CHECK(share_text(1, 0) == "-");
    CHECK(ratio_text(7, 2) == "3.5");
    CHECK(ratio_text(7, 0) == "-");
    CHECK(ratio_text(99'995, 10) == "9999.5");
    CHECK(ratio_text(3'000'000, 2) == "1.50M");
}

TEST_CASE("columns are as wide as what is in them, within bounds") {
    Table table({{"name", Table::Align::left, 6}, {"count", Table::Align::right}, {"last"}});
    table.add({"a", "1", "x"});
    table.add({"abcdefgh", "1234567", ""});
    CHECK(table.text() ==
          "name      count  last\n"
          "a             1  x\n"
          "abcde~  1234567\n");
}

TEST_CASE("a sheet's long values go on under themselves") {
    CHECK(sheet_text({{"a", "1"}, {"long", "2"}}) == "a     1\nlong  2\n");
    std::string words;
    for (int i = 0; i < 60; ++i)
        words += "word ";
    const std::string text = sheet_text({{"name", words + std::string(200, 'x')}});
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        CHECK(end - begin <= 100);
        CHECK(text.substr(begin, 6) == (begin == 0 ? "name  " : "      "));
        begin = end + 1;
    }
    CHECK(begin == text.size());
}

TEST_CASE("long lines are cut at blanks, and words that are longer still where they must") {
    CHECK(wrapped("one two three", 20, 4) == "one two three\n");
    CHECK(wrapped("one two three", 9, 4) == "one two\n    three\n");
    CHECK(wrapped("        some help", 14, 8) == "        some\n        help\n");
    CHECK(wrapped("abcdefghij", 6, 2) == "abcdef\n  ghij\n");
}

TEST_CASE("a terminal's size is taken out of its keys, in one piece or in many") {
    TerminalSize size;
    CHECK(size.columns() == 100);
    CHECK(size.take("\033[8;24;132tshow") == "show");
    CHECK(size.columns() == 132);
    std::string left;
    for (const char key : terminal_size_report(40, 90) + "x")
        left += size.take({&key, 1});
    CHECK(left == "x");
    CHECK(size.columns() == 90);
    CHECK(size.take("a\033[8;1;1tb") == "ab");
    CHECK(size.columns() == 80);
    CHECK(size.take(terminal_size_report(1, 100'000)).empty());
    CHECK(size.columns() == 200);
}

TEST_CASE("other sequences are left as they are") {
    TerminalSize size;
    for (const char* keys : {"\033[A", "\033[8~", "\033[8;24t", "\033\033[A", "\033[8;;t", "\033[8;1;2;3t"})
        CHECK(size.take(keys) == keys);
    CHECK(size.take("\033[8;\033[B") == "\033[8;\033[B");
    CHECK(size.take("\033\033[8;24;90tz") == "\033z");
    CHECK(size.columns() == 90);
    std::string digits = "\033[8;" + std::string(1000, '7');
    CHECK(size.take(digits + "t").size() == digits.size() + 1);
}

}  // namespace ringway::control::console
