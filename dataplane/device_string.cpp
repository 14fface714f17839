#include "dataplane/device_string.h"

namespace ringway::dataplane {

bool is_pci(std::string_view device) {
    return !device.starts_with("net_");
}

std::string device_name(const std::string& device) {
    return device.substr(0, device.find(','));
}

std::string argument_of(const std::string& device, std::string_view key) {
    const std::string wanted = "," + std::string(key) + "=";
    const auto at = device.find(wanted);
    if (at == std::string::npos) return {};
    const auto from = at + wanted.size();
    return device.substr(from, device.find(',', from) - from);
}

std::string af_packet_interface(const std::string& device) {
    return device.starts_with("net_af_packet") ? argument_of(device, "iface") : "";
}

std::string memif_socket(const std::string& device) {
    const bool listens = device.starts_with("net_memif") && argument_of(device, "role") == "server" &&
                         argument_of(device, "socket-abstract") == "no";
    return listens ? argument_of(device, "socket") : "";
}

}  // namespace ringway::dataplane
