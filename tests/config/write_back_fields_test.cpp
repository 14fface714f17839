// How save changes the fields of a peer.

#include <doctest/doctest.h>

#include "tests/config/write_back_cases.h"

namespace {

using namespace ringway::config;
using namespace ringway::tests;

}  // namespace

TEST_CASE("a changed value changes in place") {
    const std::string_view peer =
        R"(    peers:
      - name: "a"   # her
        public_key: <A>
        preshared_key:   '<S>'  # S
        endpoint: 203.0.113.7:51820 # home
        allowed_ips: [10.9.0.1, "fd00::1" , 192.168.7.9/24] # three
        persistent_keepalive: 0x19 # seconds
)";
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text(peer);
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    const std::string name = with("\"a\"", "\"anna\"");
    const std::string psk = with("<S>", "<T>");
    const std::string endpoint = with("203.0.113.7:51820", "\"[::1]:1\"");
    const std::string ips = with("10.9.0.1, \"fd00::1\" , 192", "\"fd00::1\" , 192");
    const std::string more = with("192.168.7.9/24]", "192.168.7.9/24, 10.0.0.0/8]");
    const std::string none = with("[10.9.0.1, \"fd00::1\" , 192.168.7.9/24]", "[]");
    const std::string keepalive = with("0x19", "0xa");
    check_cases(
        kTunnel,
        {
            {"name", peer, [](Running& r) { peer_of(r, 'A').name = "anna"; }, name},
            {"preshared key", peer, [](Running& r) { peer_of(r, 'A').preshared_key = secret_key('T'); }, psk},
            {"endpoint", peer,
             [](Running& r) { peer_of(r, 'A').endpoint = parse_endpoint("[::1]:1").value(); }, endpoint},
            {"allowed IPs gone", peer,
             [](Running& r) {
                 peer_of(r, 'A').allowed_ips = {prefix("192.168.7.0/24"), prefix("fd00::1/128")};
             },
             ips},
            {"allowed IPs added", peer,
             [](Running& r) { peer_of(r, 'A').allowed_ips.push_back(prefix("10.0.0.0/8")); }, more},
            {"no allowed IPs", peer, [](Running& r) { peer_of(r, 'A').allowed_ips.clear(); }, none},
            {"keepalive", peer, [](Running& r) { peer_of(r, 'A').persistent_keepalive = 10; }, keepalive},
        });
}

TEST_CASE("allowed IPs in lines come and go by the line") {
    check_cases(kTunnel,
                {
                    {"one goes, one comes",
                     R"(    peers:
      - public_key: <A>
        allowed_ips:   # hers
          # phone
          -  10.0.0.1   # p
          # laptop
          -  "10.0.0.2/32"
            # inside
        endpoint: 1.2.3.4:5
)",
                     [](Running& r) {
                         peer_of(r, 'A').allowed_ips = {prefix("10.0.0.1/32"), prefix("10.0.0.3/32")};
                     },
                     R"(    peers:
      - public_key: <A>
        allowed_ips:   # hers
          # phone
          -  10.0.0.1   # p
          -  10.0.0.3/32
        endpoint: 1.2.3.4:5
)"},
                    {"all go",
                     R"(    peers:
      - public_key: <A>
        allowed_ips: # hers
        - 10.0.0.1
        - 10.0.0.2
)",
                     [](Running& r) { peer_of(r, 'A').allowed_ips.clear(); },
                     R"(    peers:
      - public_key: <A>
        allowed_ips: [] # hers
)"},
                    {"the first come", R"(    peers:
      - public_key: <A>
        allowed_ips: # none
)",
                     [](Running& r) { peer_of(r, 'A').allowed_ips = {prefix("10.0.0.1/32")}; },
                     R"(    peers:
      - public_key: <A>
        allowed_ips: [10.0.0.1/32] # none
)"},
                });
}

TEST_CASE("a field that can only be absent goes with its line and the comments above it") {
    const Change clear = [](Running& running) {
        Peer& peer = peer_of(running, 'A');
        peer.name.clear();
        peer.endpoint.reset();
        peer.preshared_key.reset();
        peer.persistent_keepalive = 0;
    };
    check_cases(kTunnel, {
                             {"in lines",
                              R"(    peers:
      - name: a # her
        public_key: <A> # key
        # secret
        preshared_key: <S> # psk
        # where
        # she is
        endpoint: 1.2.3.4:5 # home
          # deeper
        # often
        persistent_keepalive: 25 # s
)",
                              clear,
                              R"(    peers:
      - public_key: <A> # key
        # often
        persistent_keepalive: 0 # s
)"},
                             {"beside the dash, above a comment that stays",
                              R"(    peers:
      - name: a # her
        # this key
        public_key: <A>
)",
                              clear,
                              R"(    peers:
      -
        # this key
        public_key: <A>
)"},
                             {"several from the dash on",
                              R"(    peers:
      - name: a
        endpoint: 1.2.3.4:5
        preshared_key_file: keys/alice.psk
        public_key: <A>
)",
                              clear, R"(    peers:
      - public_key: <A>
)"},
                             {"in braces",
                              R"(    peers:
      - { name: a, public_key: <A>, preshared_key: <S>, endpoint: 1.2.3.4:5 } # x
)",
                              clear, R"(    peers:
      - { public_key: <A> } # x
)"},
                             {"in braces over lines",
                              R"(    peers:
      - {
          name: a, # a
          public_key: <A>, # A
          endpoint: 1.2.3.4:5, # e
        }
)",
                              clear, R"(    peers:
      - {
          public_key: <A>, # A
        }
)"},
                         });
}

TEST_CASE("a new field comes below the last of its peer") {
    const Change fill = [](Running& running) {
        Peer& peer = peer_of(running, 'A');
        peer.name = "yes";
        peer.preshared_key = secret_key('S');
        peer.endpoint = parse_endpoint("1.2.3.4:5").value();
        peer.allowed_ips = {prefix("10.0.0.1/32")};
    };
    check_cases(kTunnel,
                {
                    {"in lines",
                     R"(    peers:
     -   public_key: "<A>" # key
         # inside
     -   public_key: <B>
)",
                     fill,
                     R"(    peers:
     -   public_key: "<A>" # key
         name: "yes"
         preshared_key: "<S>"
         endpoint: 1.2.3.4:5
         allowed_ips: [10.0.0.1/32]
         # inside
     -   public_key: <B>
)"},
                    {"in braces", "    peers: [{public_key: <A>}]\n", fill,
                     "    peers: [{public_key: <A>, name: \"yes\", preshared_key: <S>, endpoint: 1.2.3.4:5, "
                     "allowed_ips: [10.0.0.1/32]}]\n"},
                });
}
