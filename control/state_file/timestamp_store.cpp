#include "control/state_file/timestamp_store.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>
#include <string_view>

#include "control/state_file/replace_file.h"
#include "crypto/endian.h"

namespace ringway::control {
namespace {

using crypto::Tai64n;

// The file is one line: this word, the label and a check of it, both in hex. The check is no
// protection against a person, but a label that a failing disk moved into the far future would be
// sent to peers, which would then refuse the right ones for good.
constexpr std::string_view kWord = "ringway-timestamp-1 ";
constexpr std::size_t kCheckBytes = crypto_generichash_BYTES_MIN;
constexpr std::size_t kFileBytes = kWord.size() + 2 * crypto::kTimestampBytes + 1 + 2 * kCheckBytes + 1;

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

/// Labels that run ahead of the clock rise by one step of 17 ms for each initiation to a peer, which
/// are seconds apart: so little is used of this that it lasts for minutes.
constexpr std::uint64_t kReserveSeconds = 2;

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

std::string file_text(const Tai64n& timestamp) {
    std::array<std::uint8_t, kCheckBytes> check{};
    crypto_generichash(check.data(), check.size(), timestamp.bytes.data(), timestamp.bytes.size(), nullptr,
                       0);
    return fmt::format("{}{} {}\n", kWord, hex(timestamp.bytes), hex(check));
}

/// Right if writing it gives the same text again.
std::optional<Tai64n> parse_file(std::string_view text) {
    if (text.size() != kFileBytes || !text.starts_with(kWord)) return std::nullopt;
    Tai64n timestamp;
    const std::string_view label = text.substr(kWord.size(), 2 * timestamp.bytes.size());
    if (sodium_hex2bin(timestamp.bytes.data(), timestamp.bytes.size(), label.data(), label.size(), nullptr,
                       nullptr, nullptr) != 0 ||
        file_text(timestamp) != text) {
        return std::nullopt;
    }
    return timestamp;
}

Tai64n plus_seconds(Tai64n timestamp, std::uint64_t seconds) {
    struct Layout {
        crypto::Be64 seconds;
        crypto::Be32 nanoseconds;
    };
    auto layout = std::bit_cast<Layout>(timestamp.bytes);
    layout.seconds = crypto::Be64(layout.seconds.host() + seconds);
    return {std::bit_cast<decltype(Tai64n::bytes)>(layout)};
}

Tai64n label_in(std::uint64_t unix_now, std::chrono::seconds seconds) {
    return Tai64n::from_unix(unix_now + static_cast<std::uint64_t>(seconds.count()) * kNanosecondsPerSecond);
}

}  // namespace

TimestampStore::Restored TimestampStore::restore() {
    constexpr std::string_view kConsequence =
        "if the clock went back, peers refuse our handshakes until it has caught up";
    const auto text = read_small_file(path_, kFileBytes);
    if (!text && text.error() == FileReadError::missing) {
        return {Outcome::missing, {}, fmt::format("{}: not there; {}", path_.string(), kConsequence)};
    }
    const auto timestamp = text ? parse_file(*text) : std::nullopt;
    if (!timestamp) {
        const std::string_view what =
            text || text.error() == FileReadError::too_large ? "is damaged and is not used" : "can't be read";
        return {Outcome::unusable, {}, fmt::format("{}: {}; {}", path_.string(), what, kConsequence)};
    }
    reserved_ = *timestamp;
    return {Outcome::restored, *timestamp, fmt::format("{}: restored the last timestamp", path_.string())};
}

tl::expected<void, std::string> TimestampStore::keep_ahead(std::uint64_t unix_now,
                                                           const Tai64n& greatest_sent) {
    const Tai64n needed =
        std::max(label_in(unix_now, ahead_ / 2), plus_seconds(greatest_sent, kReserveSeconds / 2));
    if (needed <= reserved_) return {};
    const auto retry = static_cast<std::uint64_t>(kRetry.count()) * kNanosecondsPerSecond;
    if (failed_at_ != 0 && unix_now >= failed_at_ && unix_now < failed_at_ + retry) return {};

    auto written = write(std::max(label_in(unix_now, ahead_), plus_seconds(greatest_sent, kReserveSeconds)));
    failed_at_ = written ? 0 : unix_now;
    return written;
}

tl::expected<void, std::string> TimestampStore::finish(const Tai64n& greatest_sent) {
    return write(greatest_sent);
}

tl::expected<void, std::string> TimestampStore::write(const Tai64n& timestamp) {
    auto written = replace_file(path_, file_text(timestamp));
    if (written) reserved_ = timestamp;
    return written;
}

}  // namespace ringway::control
