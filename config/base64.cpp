#include "config/base64.h"

#include <sodium.h>

#include <algorithm>

namespace ringway::config {

namespace {

int sodium_variant(Base64 variant) {
    return variant == Base64::standard ? sodium_base64_VARIANT_ORIGINAL
                                       : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
}

/// libsodium refuses stray bits and wrong padding by itself.
bool decode_exactly(std::span<std::uint8_t> out, std::string_view text, Base64 variant) {
    std::size_t length = 0;
    const char* end = nullptr;
    return sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, &end,
                             sodium_variant(variant)) == 0 &&
           length == out.size() && end == text.data() + text.size();
}

}  // namespace

std::string base64_encode(std::span<const std::uint8_t> bytes, Base64 variant) {
    if (bytes.empty()) return {};  // libsodium takes no null pointers
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_variant(variant)), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), sodium_variant(variant));
    out.pop_back();  // libsodium counts and writes a NUL
    return out;
}

std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text, Base64 variant) {
    std::size_t digits = text.size();
    while (variant == Base64::standard && digits > 0 && text[digits - 1] == '=')
        --digits;
    std::vector<std::uint8_t> out(digits * 3 / 4);
    if (text.empty()) return out;
    if (out.empty() || !decode_exactly(out, text, variant)) return std::nullopt;
    return out;
}

std::optional<PublicKey> decode_public_key(std::string_view text, Base64 variant) {
    PublicKey out;
    if (!decode_exactly(out.bytes, text, variant)) return std::nullopt;
    return out;
}

std::optional<SecretKey> decode_secret_key(std::string_view text) {
    std::array<std::uint8_t, kKeyBytes> bytes{};
    std::optional<SecretKey> out;
    if (decode_exactly(bytes, text, Base64::standard)) out.emplace(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    return out;
}

}  // namespace ringway::config
