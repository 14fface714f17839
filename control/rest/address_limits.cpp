#include "control/rest/address_limits.h"

#include <algorithm>

namespace ringway::control::rest {
namespace {

constexpr std::size_t kPrefixBytes = 8;

bool is_mapped(const dataplane::IpAddress& address) {
    const auto& bytes = address.bytes;
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

double filled(double tokens, std::uint64_t nanoseconds) {
    return std::min(AddressLimits::kBurst,
                    tokens + static_cast<double>(nanoseconds) * 1e-9 * AddressLimits::kRate);
}

}  // namespace

ClientAddress::ClientAddress(const dataplane::IpAddress& address) : address_(address) {
    if (address.family != dataplane::Family::v6 || is_mapped(address)) return;
    std::fill(address_.bytes.begin() + kPrefixBytes, address_.bytes.end(), std::uint8_t{0});
}

AddressLimits::Client& AddressLimits::find(const ClientAddress& client, std::uint64_t now) {
    const auto known = clients_.find(client);
    if (known != clients_.end()) {
        Client& found = known->second;
        found.tokens = filled(found.tokens, now - found.filled);
        found.filled = now;
        return found;
    }
    if (clients_.size() >= kMaxClients) forget_idle(now);
    return clients_.emplace(client, Client{.filled = now}).first->second;
}

/// Whose bucket is full again is as one that never came. If too few are, whoever has no connection goes.
void AddressLimits::forget_idle(std::uint64_t now) {
    std::erase_if(clients_, [now](const auto& entry) {
        const Client& client = entry.second;
        return client.connections == 0 && filled(client.tokens, now - client.filled) >= kBurst;
    });
    if (clients_.size() < kMaxClients) return;
    std::erase_if(clients_, [](const auto& entry) { return entry.second.connections == 0; });
}

bool AddressLimits::take(const ClientAddress& client, double cost, std::uint64_t now) {
    Client& found = find(client, now);
    if (found.tokens < cost) return false;
    found.tokens -= cost;
    return true;
}

void AddressLimits::charge(const ClientAddress& client, double cost, std::uint64_t now) {
    find(client, now).tokens -= cost;
}

void AddressLimits::connected(const ClientAddress& client, std::uint64_t now) {
    ++find(client, now).connections;
}

void AddressLimits::disconnected(const ClientAddress& client) {
    const auto known = clients_.find(client);
    if (known != clients_.end() && known->second.connections > 0) --known->second.connections;
}

std::size_t AddressLimits::connections(const ClientAddress& client) const {
    const auto known = clients_.find(client);
    return known == clients_.end() ? 0 : known->second.connections;
}

ClientAddress AddressLimits::busiest() const {
    const auto found = std::max_element(clients_.begin(), clients_.end(), [](const auto& a, const auto& b) {
        return a.second.connections < b.second.connections;
    });
    return found == clients_.end() ? ClientAddress() : found->first;
}

}  // namespace ringway::control::rest
