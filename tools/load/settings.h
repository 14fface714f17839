#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/load/handshake_load.h"
#include "tools/load/measure.h"

namespace ringway::load {

/// What a command line asks for.
struct Settings {
    LoadOptions load;
    std::optional<unsigned> cpu;
    std::size_t memory_mib = 256;
    double connect_seconds = 30;

    std::vector<Direction> directions;  ///< empty: handshakes only
    double rate = 0;                    ///< packets per second; 0: none given
    std::uint32_t outstanding = 0;
    double duration = 10;
    double warm_up = 0.5;
    unsigned runs = 1;
    std::optional<SearchOptions> search;
    HandshakeShares shares;

    std::string name;  ///< of results; empty: made of what was measured
    std::string json_file;
    std::string chart_file;
    bool quiet = false;

    // for a peer list
    std::string config_file;
    std::string wg_file;
    std::string config_cipher_device = "net_af_packet0,iface=wan";
    std::string config_plain_device = "net_af_packet1,iface=lan";
    bool writes_list() const { return !config_file.empty() || !wg_file.empty(); }
};

/// Reads the command line. Prints help or what is wrong and says with which status to end, if there is
/// nothing to do.
[[nodiscard]] std::optional<int> read_command_line(int argc, char** argv, Settings& settings);

}  // namespace ringway::load
