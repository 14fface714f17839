#include <doctest/doctest.h>

#include "control/rest/api.h"

namespace ringway::control::rest {

TEST_CASE("a path fits its template, segment by segment") {
    using Parameters = std::map<std::string, std::string>;
    CHECK(match_path("/a/b", "/a/b") == Parameters{});
    CHECK(match_path("/a/{x}/c", "/a/b/c") == Parameters{{"x", "b"}});
    CHECK(match_path("/{x}/{y}", "/1/2") == Parameters{{"x", "1"}, {"y", "2"}});
    for (const char* other : {"/a", "/a/", "/a/b/c/d", "/a//c", "a/b/c", "", "/", "/a/b/c/", "/A/b/c"})
        CHECK_FALSE(match_path("/a/{x}/c", other).has_value());
}

}  // namespace ringway::control::rest
