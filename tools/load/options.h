#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <string>

#include "tools/load/settings.h"

namespace ringway::load {

/// Options that are text or percentages on the command line, before they are made sense of together.
struct RawOptions {
    std::string direction = "encrypt";
    std::string sizes = "64";
    std::string cipher_address = "192.0.2.2/24";
    std::string cipher_next_hop;
    std::string cipher_mac;
    std::string gateway = "192.0.2.1";
    std::string gateway_key;
    std::string plain_address = "10.0.0.2/24";
    std::string plain_next_hop = "10.0.0.1";
    std::string plain_mac;
    std::string host;
    std::string peer_address = "198.18.0.1";
    std::string inner_address = "10.64.0.1";
    std::uint32_t prepare_mib = 64;
    bool responder = false;
    bool search = false;
    double max_loss_percent = 0.1;
    double precision_percent = 2;
    double max_rate = 0;
    std::string shares = "1:0:0:0";
};

/// Declares every option there is. Both must outlive the parsing.
void add_options(CLI::App& app, Settings& settings, RawOptions& raw);

}  // namespace ringway::load
