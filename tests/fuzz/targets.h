#pragma once

// What is fuzzed: any bytes, which each target takes for something that comes from outside. A target
// ends the program (promise.h) when something is believed, changed or lost that must not be, and the
// sanitizers end it for the rest. Three programs feed them: libFuzzer (libfuzzer.cpp), the normal run's
// replay of the corpora (replay.cpp), and tests that make seeded mutations.

#include <cstdint>
#include <span>
#include <string_view>

namespace ringway::tests {

using Input = std::span<const std::uint8_t>;

void fuzz_config(Input input);      ///< a configuration's text
void fuzz_console(Input input);     ///< a console's line, and keys of a terminal
void fuzz_frames(Input input);      ///< a port, and a frame that a gateway with a session receives by it
void fuzz_in_band(Input input);     ///< the plaintext of an in-band message
void fuzz_messages(Input input);    ///< a handshake message, for one of four who take them
void fuzz_netlink(Input input);     ///< a datagram of netlink messages
void fuzz_protocol(Input input);    ///< what happens to two nodes and the network between them
void fuzz_rest(Input input);        ///< what a client sends over a connection
void fuzz_transport(Input input);   ///< transport messages, sealed by a peer and then not left alone
void fuzz_wg_request(Input input);  ///< what a client writes to a wg(8) socket
void fuzz_write_back(Input input);  ///< a configuration's text, saved with changes

struct FuzzTarget {
    std::string_view name;  ///< of its corpus' folder, too
    void (*feed)(Input input);
};

/// All of them. Those of gateways need EAL.
[[nodiscard]] std::span<const FuzzTarget> fuzz_targets();
/// Null if there is none of that name.
[[nodiscard]] const FuzzTarget* find_fuzz_target(std::string_view name);

}  // namespace ringway::tests
