#include "control/log/field.h"

#include <arpa/inet.h>
#include <sodium.h>

#include <array>

namespace ringway::control {

void append_log_value(LogBuffer& out, const crypto::PublicKey& value) {
    constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
    std::array<char, sodium_base64_ENCODED_LEN(crypto::kKeyBytes, kVariant)> text{};
    out.append(sodium_bin2base64(text.data(), text.size(), value.bytes.data(), value.bytes.size(), kVariant));
}

void append_log_value(LogBuffer& out, const dataplane::IpAddress& value) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int af = value.family == dataplane::Family::v4 ? AF_INET : AF_INET6;
    out.append(inet_ntop(af, value.bytes.data(), text.data(), text.size()));
}

void append_log_value(LogBuffer& out, const dataplane::IpPrefix& value) {
    append_log_value(out, value.address);
    out.append('/');
    out.append_number(value.length);
}

void append_log_value(LogBuffer& out, const dataplane::Endpoint& value) {
    const bool bracketed = value.remote.family == dataplane::Family::v6;
    out.append(bracketed ? "[" : "");
    append_log_value(out, value.remote);
    out.append(bracketed ? "]:" : ":");
    out.append_number(value.remote_port);
}

}  // namespace ringway::control
