#include "dataplane/in_band_header.h"

#include <algorithm>
#include <cstring>

#include "crypto/messages.h"

namespace ringway::dataplane {

void write_in_band(std::uint8_t* out, const InBandMessage& message) {
    const InBandHeader header{kInBandMagic, kInBandVersion, kInBandMessage,
                              crypto::Be16(static_cast<std::uint16_t>(message.payload.size())),
                              crypto::Be64(message.id)};
    std::memcpy(out, &header, sizeof(header));
    std::copy(message.payload.begin(), message.payload.end(), out + sizeof(header));
}

std::optional<DropReason> read_in_band(std::span<const std::uint8_t> plaintext, InBandMessage& out) {
    if (plaintext.size() < kInBandMagic.size() ||
        !std::equal(kInBandMagic.begin(), kInBandMagic.end(), plaintext.begin()))
        return DropReason::inner_malformed;
    if (plaintext.size() < sizeof(InBandHeader)) return DropReason::in_band_bad_length;
    InBandHeader header;
    std::memcpy(&header, plaintext.data(), sizeof(header));
    // What another version's length means is not known.
    if (header.version != kInBandVersion) return DropReason::in_band_unknown_version;
    if (header.kind != kInBandMessage) return DropReason::in_band_unknown_kind;
    const std::size_t bytes = header.payload_bytes.host();
    const std::size_t room = plaintext.size() - sizeof(header);
    // Behind the payload lies padding and nothing else.
    if (bytes == 0 || bytes > kMaxInBandPayload || bytes > room || room - bytes >= crypto::kPaddingMultiple)
        return DropReason::in_band_bad_length;
    out = {header.id.host(), plaintext.subspan(sizeof(header), bytes)};
    return std::nullopt;
}

}  // namespace ringway::dataplane
