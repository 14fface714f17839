#include "config/text_digest.h"

#include <sodium.h>

namespace ringway::config {

TextDigest digest_of(std::string_view text) {
    TextDigest digest;
    crypto_generichash(digest.bytes.data(), digest.bytes.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
    return digest;
}

}  // namespace ringway::config
