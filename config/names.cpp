#include "config/names.h"

#include <algorithm>
#include <cctype>
#include <regex>

#include "config/base64.h"

namespace ringway::config {

namespace {

constexpr std::size_t kMaxInterfaceName = 15;  // IFNAMSIZ without its NUL
constexpr std::size_t kMaxPeerName = 63;
constexpr std::size_t kMaxFileName = 255;
constexpr std::size_t kMaxDevice = 1024;

bool is_alphanumeric(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool consists_of(std::string_view text, std::string_view signs) {
    return std::all_of(text.begin(), text.end(), [signs](char c) {
        return is_alphanumeric(c) || signs.find(c) != std::string_view::npos;
    });
}

bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

}  // namespace

std::string judge_interface_name(std::string_view name) {
    if (name.empty()) return "is empty, expected an interface name";
    if (name.size() > kMaxInterfaceName) return "is too long, expected at most 15 characters";
    if (!consists_of(name, "_=+.-") || is_dots(name)) {
        return "is not an interface name, expected letters, digits and _ = + . -";
    }
    // Every namespace has the first; the others are folders beside the interfaces' in /proc/sys/net.
    if (name == "lo" || name == "all" || name == "default")
        return "is taken by the kernel, expected another name";
    return {};
}

std::string judge_netns(std::string_view name) {
    const bool bad = name.find('/') != std::string_view::npos || is_dots(name) || name.size() > kMaxFileName;
    return bad ? "is not a network namespace, expected a name as in ip-netns(8)" : "";
}

std::string judge_peer_name(std::string_view name) {
    if (name.empty()) return "is empty, expected a name or no such key";
    if (name.size() > kMaxPeerName) return "is too long, expected at most 63 characters";
    if (!consists_of(name, "._-@+") || !is_alphanumeric(name.front())) {
        return "is not a peer name, expected letters, digits and . _ - @ +, a letter or digit first";
    }
    if (decode_public_key(name, Base64::url)) return "could be read as a key, expected another name";
    return {};
}

std::string judge_device(std::string_view device) {
    static const std::regex pci("(?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]");
    static const std::regex virtual_device("net_[a-z][a-z0-9_]*");
    static const std::regex argument("[A-Za-z0-9_.-]+=[^=,]*");
    if (device.empty()) return "is empty, expected a PCI address or a DPDK device string";
    if (device.size() > kMaxDevice) return "is too long, expected a PCI address or a DPDK device string";
    const std::string text(device);
    const std::string identity = text.substr(0, text.find(','));
    if (!std::regex_match(identity, pci) && !std::regex_match(identity, virtual_device)) {
        return "is not a device, expected a PCI address (0000:03:00.0) or a DPDK device string "
               "(net_memif0,...)";
    }
    for (std::size_t comma = identity.size(); comma < text.size();) {
        const std::size_t next = std::min(text.find(',', comma + 1), text.size());
        if (!std::regex_match(text.substr(comma + 1, next - comma - 1), argument)) {
            return "has wrong arguments, expected KEY=VALUE after each comma";
        }
        comma = next;
    }
    return {};
}

std::string device_identity(std::string_view device) {
    std::string out(device.substr(0, device.find(',')));
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    // A PCI address without a domain is in domain 0.
    if (out.find('.') != std::string::npos && std::count(out.begin(), out.end(), ':') == 1)
        out.insert(0, "0000:");
    return out;
}

}  // namespace ringway::config
