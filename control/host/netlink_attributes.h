#pragma once

#include <libmnl/libmnl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "control/host/types.h"

namespace ringway::control::host {

/// Takes the first message off what was received; null if no whole one is left. (mnl_nlmsg_ok() takes a
/// length beyond 2^31 for a short one.)
[[nodiscard]] inline const nlmsghdr* take_message(std::span<const std::uint8_t>& left) {
    if (left.size() < sizeof(nlmsghdr)) return nullptr;
    const auto* message = reinterpret_cast<const nlmsghdr*>(left.data());
    const std::size_t bytes = message->nlmsg_len;
    if (bytes < sizeof(nlmsghdr) || bytes > left.size()) return nullptr;
    left = left.subspan(std::min<std::size_t>(MNL_ALIGN(bytes), left.size()));
    return message;
}

/// The fixed header of a message; null if the message is too short for it.
template <typename Header>
[[nodiscard]] const Header* fixed_header(const nlmsghdr* message) {
    if (mnl_nlmsg_get_payload_len(message) < sizeof(Header)) return nullptr;
    return static_cast<const Header*>(mnl_nlmsg_get_payload(message));
}

/// The attributes of a message, or of a nest, by type up to `Max`. Lengths are proved on access; an attribute
/// of the wrong length is as one that is not there.
template <std::size_t Max>
class NetlinkAttributes {
  public:
    /// `bytes` begins with the first attribute.
    explicit NetlinkAttributes(std::span<const std::uint8_t> bytes) {
        auto* attribute = reinterpret_cast<const nlattr*>(bytes.data());
        auto left = static_cast<int>(bytes.size());
        while (mnl_attr_ok(attribute, left)) {
            if (const auto type = mnl_attr_get_type(attribute); type <= Max) found_[type] = attribute;
            left -= static_cast<int>(MNL_ALIGN(attribute->nla_len));
            attribute = mnl_attr_next(attribute);
        }
    }
    /// Those behind the message's fixed header of `header_bytes`.
    NetlinkAttributes(const nlmsghdr* message, std::size_t header_bytes)
        : NetlinkAttributes(
              std::span(static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(message)),
                        mnl_nlmsg_get_payload_len(message))
                  .subspan(std::min(MNL_ALIGN(header_bytes), mnl_nlmsg_get_payload_len(message)))) {}

    [[nodiscard]] bool has(std::size_t type) const { return found_[type] != nullptr; }
    [[nodiscard]] std::span<const std::uint8_t> bytes(std::size_t type) const {
        if (!has(type)) return {};
        return {static_cast<const std::uint8_t*>(mnl_attr_get_payload(found_[type])),
                mnl_attr_get_payload_len(found_[type])};
    }
    template <typename Value>
    [[nodiscard]] std::optional<Value> value(std::size_t type) const {
        const auto from = bytes(type);
        if (from.size() != sizeof(Value)) return std::nullopt;
        Value out;
        std::memcpy(&out, from.data(), sizeof out);
        return out;
    }
    [[nodiscard]] std::uint32_t u32(std::size_t type, std::uint32_t otherwise = 0) const {
        return value<std::uint32_t>(type).value_or(otherwise);
    }
    [[nodiscard]] std::optional<IpAddress> address(std::size_t type, Family family) const {
        const auto from = bytes(type);
        if (from.size() != dataplane::address_bytes(family)) return std::nullopt;
        return IpAddress::from_wire(family, from.data());
    }
    [[nodiscard]] std::string string(std::size_t type) const {
        const auto from = bytes(type);
        return {from.begin(), std::find(from.begin(), from.end(), 0)};
    }

  private:
    std::array<const nlattr*, Max + 1> found_{};
};

}  // namespace ringway::control::host
