#pragma once

#include <optional>
#include <string_view>

#include "config/context.h"
#include "config/document.h"
#include "config/key.h"
#include "config/map_reader.h"

namespace ringway::config {

/// The two keys of a map of which one gives a secret: by itself, or by the name of a file.
struct SecretKeyNames {
    std::string_view key;
    std::string_view file;
};

/// Reads a secret key from whichever of the two `map` has. Having both is a problem, and so is having
/// none of a required one, and whatever is wrong with the key; but its value is never shown.
[[nodiscard]] std::optional<SecretKey> read_secret_key(MapReader& map, const SecretKeyNames& names,
                                                       bool required, Context& context);

/// The 32 bytes of a public key that can work, or nothing and a problem.
[[nodiscard]] std::optional<PublicKey> read_public_key(const Value& value, Problems& problems);

/// Reads the name of a file that must exist, be readable and hold something, for `key` of `map`; its
/// full path. A `secret` file must be its owner's alone. Empty when there is none or a problem.
[[nodiscard]] std::filesystem::path read_file_name(MapReader& map, std::string_view key, bool secret,
                                                   Context& context);

}  // namespace ringway::config
