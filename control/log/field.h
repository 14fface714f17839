#pragma once

#include <concepts>
#include <string_view>

#include "control/log/text.h"
#include "crypto/keys.h"
#include "dataplane/endpoint.h"
#include "dataplane/ip_address.h"

namespace ringway::control {

// How a value reads in a log line. A type without an overload here can't be logged.
inline void append_log_value(LogBuffer& out, const std::same_as<bool> auto& value) {
    out.append(value ? "true" : "false");
}
template <typename Number>
requires(std::integral<Number> || std::floating_point<Number>) &&
    (!std::same_as<Number, bool>)void append_log_value(LogBuffer& out, const Number& value) {
    out.append_number(value);
}
void append_log_value(LogBuffer& out, const crypto::PublicKey& value);  ///< base64, as wg(8) prints it
void append_log_value(LogBuffer& out, const dataplane::IpAddress& value);
void append_log_value(LogBuffer& out, const dataplane::IpPrefix& value);
void append_log_value(LogBuffer& out, const dataplane::Endpoint& value);  ///< the remote half
/// A secret has no text.
template <typename Tag, std::size_t Size>
void append_log_value(LogBuffer& out, const crypto::Secret<Tag, Size>& value) = delete;

template <typename T>
concept Loggable = requires(LogBuffer& out, const T& value) {
    append_log_value(out, value);
};

/// A name and a value, which it refers to: made in the call that logs it and never kept.
class LogField {
  public:
    LogField(LogKey key, std::string_view text) : key_(key), text_(text) {}
    template <Loggable T>
    LogField(LogKey key, const T& value) : key_(key), value_(&value), append_(&append_erased<T>) {}

    [[nodiscard]] std::string_view key() const { return key_.view(); }
    /// The value as it is. It may hold any byte.
    void append_value(LogBuffer& out) const {
        if (append_ == nullptr) {
            out.append(text_);
        } else {
            append_(out, value_);
        }
    }

  private:
    template <typename T>
    static void append_erased(LogBuffer& out, const void* value) {
        append_log_value(out, *static_cast<const T*>(value));
    }

    LogKey key_;
    std::string_view text_;
    const void* value_ = nullptr;
    void (*append_)(LogBuffer&, const void*) = nullptr;
};

}  // namespace ringway::control
