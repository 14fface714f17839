// How save writes a peer that the text does not have.

#include <doctest/doctest.h>

#include "tests/config/write_back_cases.h"

namespace {

using namespace ringway::config;
using namespace ringway::tests;

}  // namespace

TEST_CASE("an added peer comes behind the last in the style of the others") {
    const Change add_b = [](Running& running) {
        Peer& peer = add_peer(running, 'B', "b");
        peer.preshared_key = secret_key('S');
        peer.endpoint = parse_endpoint("[2001:db8::7]:4500").value();
        peer.allowed_ips = {prefix("10.9.0.2/32"), prefix("fd00::2/128")};
        peer.persistent_keepalive = 25;
    };
    check_cases(kTunnel, {
                             {"in a block, keys quoted as its neighbour's",
                              R"(    peers:
      - name: a
        public_key: '<A>'
        # inside a
    # behind the peers
    df: set
)",
                              add_b,
                              R"(    peers:
      - name: a
        public_key: '<A>'
        # inside a
      - name: b
        public_key: '<B>'
        preshared_key: '<S>'
        endpoint: "[2001:db8::7]:4500"
        allowed_ips: [10.9.0.2/32, "fd00::2/128"]
        persistent_keepalive: 25
    # behind the peers
    df: set
)"},
                             {"with their indentation, lists and blank lines",
                              R"(    peers:
    -   public_key: <C>

    -   public_key: <A>
        allowed_ips:
            - 10.9.0.1

    # behind the peers
)",
                              add_b,
                              R"(    peers:
    -   public_key: <C>

    -   public_key: <A>
        allowed_ips:
            - 10.9.0.1

    -   name: b
        public_key: <B>
        preshared_key: <S>
        endpoint: "[2001:db8::7]:4500"
        allowed_ips:
            - 10.9.0.2/32
            - "fd00::2/128"
        persistent_keepalive: 25

    # behind the peers
)"},
                             {"in braces",
                              R"(    peers:
      - { public_key: "<A>" } # a
)",
                              add_b,
                              R"(    peers:
      - { public_key: "<A>" } # a
      - { name: b, public_key: "<B>", preshared_key: "<S>", endpoint: "[2001:db8::7]:4500", allowed_ips: [10.9.0.2/32, "fd00::2/128"], persistent_keepalive: 25 }
)"},
                         });
    const Change add_short = [](Running& running) {
        add_peer(running, 'B', "b");
        add_peer(running, 'C');
    };
    check_cases(kTunnel,
                {
                    {"in brackets in one line", "    peers: [{public_key: <A>}]   # x\n", add_short,
                     "    peers: [{public_key: <A>}, {name: b, public_key: <B>}, {public_key: <C>}]   # x\n"},
                    {"in brackets, each in its line", R"(    peers: [
      {public_key: <A>} # a
    ]
)",
                     add_short,
                     R"(    peers: [
      {public_key: <A>}, # a
      {name: b, public_key: <B>},
      {public_key: <C>}
    ]
)"},
                    {"in brackets, each ended by a comma", R"(    peers: [
      {public_key: <A>}, # a
    ]
)",
                     add_short,
                     R"(    peers: [
      {public_key: <A>}, # a
      {name: b, public_key: <B>},
      {public_key: <C>},
    ]
)"},
                    {"in brackets, the last line with the closing one",
                     R"(    peers: [{public_key: <D>},
            {public_key: <A>}]
)",
                     add_short,
                     R"(    peers: [{public_key: <D>},
            {public_key: <A>},
            {name: b, public_key: <B>},
            {public_key: <C>}]
)"},
                    {"without a list", R"(    df: set # here
rest: {listen: off}
)",
                     add_short,
                     R"(    df: set # here
    peers:
      - name: b
        public_key: "<B>"
      - public_key: "<C>"
rest: {listen: off}
)"},
                    {"in an empty one", R"(    peers: [] # none yet
      # - name: you
    df: set
)",
                     add_short,
                     R"(    peers: # none yet
      # - name: you
      - name: b
        public_key: "<B>"
      - public_key: "<C>"
    df: set
)"},
                    {"in an absent one", R"(    peers:
    df: set
)",
                     add_short,
                     R"(    peers:
      - name: b
        public_key: "<B>"
      - public_key: "<C>"
    df: set
)"},
                    {"in a null one", R"(    peers: ~ # none
    df: set
)",
                     add_short,
                     R"(    peers: # none
      - name: b
        public_key: "<B>"
      - public_key: "<C>"
    df: set
)"},
                    {"as in another tunnel",
                     R"(    peers: []
  - name: wg1
    private_key: <Q>
    listen_port: 2
    peers:
    - public_key: '<A>'
)",
                     add_short,
                     R"(    peers:
    - name: b
      public_key: '<B>'
    - public_key: '<C>'
  - name: wg1
    private_key: <Q>
    listen_port: 2
    peers:
    - public_key: '<A>'
)"},
                });
}

TEST_CASE("one peer may come where another goes") {
    check_cases(kTunnel,
                {
                    {"all of a block", R"(    peers: # x
      - public_key: <A>
      - public_key: <B>
)",
                     [](Running& running) {
                         remove_peer(running, 'A');
                         remove_peer(running, 'B');
                         add_peer(running, 'C');
                     },
                     R"(    peers: # x
      - public_key: <C>
)"},
                    {"the last of a block", R"(    peers:
      - public_key: <A>
      - public_key: <B> # b
)",
                     [](Running& running) {
                         remove_peer(running, 'B');
                         add_peer(running, 'C');
                     },
                     R"(    peers:
      - public_key: <A>
      - public_key: <C>
)"},
                    {"all between brackets", "    peers: [ {public_key: <A>}, {public_key: <B>} ]\n",
                     [](Running& running) {
                         remove_peer(running, 'A');
                         remove_peer(running, 'B');
                         add_peer(running, 'C');
                     },
                     "    peers: [{public_key: <C>}]\n"},
                    {"the last between brackets", "    peers: [{public_key: <A>}, {public_key: <B>}]\n",
                     [](Running& running) {
                         remove_peer(running, 'B');
                         add_peer(running, 'C');
                     },
                     "    peers: [{public_key: <A>}, {public_key: <C>}]\n"},
                });
}
