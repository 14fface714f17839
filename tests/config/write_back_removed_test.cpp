// What save does to the text of a peer that is gone.

#include <doctest/doctest.h>

#include "tests/config/write_back_cases.h"

namespace {

using namespace ringway::config;
using namespace ringway::tests;

}  // namespace

TEST_CASE("a removed peer goes with its lines and its comments") {
    const Change remove_b = [](Running& running) { remove_peer(running, 'B'); };
    check_cases(
        kTunnel,
        {
            {"its lines",
             R"(    peers:
      - name: a
        public_key: <A>
      - name: b
        public_key: <B>
      - name: c
        public_key: <C>
)",
             remove_b,
             R"(    peers:
      - name: a
        public_key: <A>
      - name: c
        public_key: <C>
)"},
            {"comments above in its dash's column, behind its values and inside it",
             R"(    peers: # all
      - name: a # of a
        public_key: <A>
        # inside a
      # of b
      # - name: b
      - name: b # of b
        # of b's key
        public_key: <B> # b's key
        # inside b
      # of c
      - name: c
        public_key: <C>
)",
             remove_b,
             R"(    peers: # all
      - name: a # of a
        public_key: <A>
        # inside a
      # of c
      - name: c
        public_key: <C>
)"},
            {"comments above a blank line or further left stay, one of two blank lines goes",
             R"(    peers:
      # the staff

      - name: a
        public_key: <A>

    # ------
      # of b
      - name: b
        public_key: <B>

      - name: c
        public_key: <C>
)",
             remove_b,
             R"(    peers:
      # the staff

      - name: a
        public_key: <A>

    # ------

      - name: c
        public_key: <C>
)"},
            {"one of the blank lines around it",
             R"(    peers:
      - name: a
        public_key: <A>

      - name: b
        public_key: <B>

      - name: c
        public_key: <C>
)",
             remove_b,
             R"(    peers:
      - name: a
        public_key: <A>

      - name: c
        public_key: <C>
)"},
            {"the first one with the blank line below",
             R"(    peers:
      - public_key: <B>

      - public_key: <C>
)",
             remove_b,
             R"(    peers:
      - public_key: <C>
)"},
            {"the last one with the blank line above",
             R"(    peers:
      - public_key: <A>

      - public_key: <B>
        allowed_ips:
        - 10.0.0.1
        # - 10.0.0.2
rest: {listen: off}
)",
             remove_b,
             R"(    peers:
      - public_key: <A>

rest: {listen: off}
)"},
            {"the only one leaves an empty list",
             R"(    peers:   # none of them
      # of b
      - {public_key: <B>}
    df: set # here
)",
             remove_b,
             R"(    peers: []   # none of them
    df: set # here
)"},
            {"a dash in a line of its own",
             R"(    peers:
    - # a
      public_key: <A>
    -
      # b
      public_key: <B>
    # of c
    -   public_key: <C>
)",
             remove_b,
             R"(    peers:
    - # a
      public_key: <A>
    # of c
    -   public_key: <C>
)"},
            {"in braces, one a line",
             R"(    peers:
      - {name: a, public_key: <A>}
      # b: and {this}
      - {name: b, public_key: <B>,
         allowed_ips: [10.0.0.1, # one
           10.0.0.2]} # two
      - {name: c, public_key: <C>}
)",
             remove_b,
             R"(    peers:
      - {name: a, public_key: <A>}
      - {name: c, public_key: <C>}
)"},
            {"in brackets in one line",
             "    peers: [{name: a, public_key: <A>}, {name: b, public_key: <B>}, {name: c, public_key: "
             "<C>}] # x\n",
             remove_b, "    peers: [{name: a, public_key: <A>}, {name: c, public_key: <C>}] # x\n"},
            {"the last in brackets in one line",
             "    peers: [ {name: a, public_key: <A>} , {name: b, public_key: <B>} ]\n", remove_b,
             "    peers: [ {name: a, public_key: <A>} ]\n"},
            {"the only one in brackets", "    peers: [{name: b, public_key: <B>}] # x\n", remove_b,
             "    peers: [] # x\n"},
            {"in brackets over lines",
             R"(    peers: [
      {name: a, public_key: <A>}, # a
      # b
      {name: b, public_key: <B>}, # b
      # c
      {name: c, public_key: <C>} # c
    ]
)",
             remove_b,
             R"(    peers: [
      {name: a, public_key: <A>}, # a
      # c
      {name: c, public_key: <C>} # c
    ]
)"},
            {"the last in brackets over lines takes the comma before it",
             R"(    peers: [
      {name: a, public_key: <A>}, # a
      # b
      {name: b, public_key: <B>} # b
    ]
)",
             remove_b,
             R"(    peers: [
      {name: a, public_key: <A>} # a
    ]
)"},
            {"and leaves it where each ends with one",
             R"(    peers: [
      {name: a, public_key: <A>}, # a
      {name: b, public_key: <B>},
    ]
)",
             remove_b,
             R"(    peers: [
      {name: a, public_key: <A>}, # a
    ]
)"},
        });
}
