#include "crypto/kdf.h"

#include <algorithm>
#include <cassert>

#include "crypto/blake2s.h"

namespace ringway::crypto {

void kdf(std::initializer_list<std::span<std::uint8_t, kKeyBytes>> outputs, const KeyMaterial& chaining_key,
         std::span<const std::uint8_t> input) {
    assert(outputs.size() <= 3);
    KeyMaterial extracted;
    HmacBlake2s(HmacBlake2sKey(chaining_key.span())).update(input).finish(extracted.span());
    const HmacBlake2sKey extracted_key(extracted.span());

    KeyMaterial expanded;
    std::span<const std::uint8_t> previous;
    std::uint8_t number = 1;
    for (const auto output : outputs) {
        HmacBlake2s(extracted_key).update(previous).update({&number, 1}).finish(expanded.span());
        std::ranges::copy(expanded.span(), output.begin());
        previous = expanded.span();
        ++number;
    }
}

}  // namespace ringway::crypto
