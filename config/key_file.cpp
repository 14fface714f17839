#include "config/key_file.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <string>

#include "config/base64.h"
#include "config/file.h"

namespace ringway::config {

namespace {

constexpr std::size_t kMaxKeyFileBytes = 4096;
constexpr std::size_t kMaxPemFileBytes = std::size_t{1} << 20;
constexpr std::string_view kExpectedKey = "expected 32 bytes in base64 as wg(8) prints them";

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// What is wrong with the text of a key, without showing it.
std::string judge_key(std::string_view text) {
    if (text.empty()) return fmt::format("is empty, {}", kExpectedKey);
    auto bytes = base64_decode(text);
    if (!bytes) return fmt::format("is not base64, {}", kExpectedKey);
    sodium_memzero(bytes->data(), bytes->size());
    return fmt::format("holds {} bytes, {}", bytes->size(), kExpectedKey);
}

std::optional<SecretKey> decode(const Value& value, std::string_view text, std::string_view subject,
                                Problems& problems) {
    auto key = decode_secret_key(text);
    if (!key) {
        problems.add(value, fmt::format("{} {}", subject, judge_key(text)));
    } else if (key->is_zero()) {
        problems.add(value, fmt::format("{} is all zero, expected a random key", subject));
        key.reset();
    }
    return key;
}

std::optional<SecretKey> read_inline_key(const Value& value, Problems& problems) {
    if (!value.is_scalar()) {
        report_kind(value, "a key in base64", problems);
        return std::nullopt;
    }
    return decode(value, value.text, "the value", problems);
}

/// The file that `value` names, when it can be read.
struct NamedFile {
    std::filesystem::path path;
    FileText text;
};

std::optional<NamedFile> open_named(const Value& value, const FileRules& rules, Context& context) {
    const auto name = read_text(value, context.problems);
    if (!name) return std::nullopt;
    if (decode_secret_key(*name)) {
        context.problems.add(value, "a key stands here, expected the name of a file that holds it");
        return std::nullopt;
    }
    auto path = context.resolve(*name);
    auto text = read_file(path, rules);
    if (!text) {
        context.problems.add(value, fmt::format("{} {}", shown(path.native()), text.error()));
        return std::nullopt;
    }
    context.files_of_others = context.files_of_others || text->is_of_others();
    return NamedFile{std::move(path), std::move(*text)};
}

std::optional<SecretKey> read_key_file(const Value& value, Context& context) {
    const FileRules rules{.max_bytes = kMaxKeyFileBytes, .owner_only = !context.options.insecure_key_files};
    const auto file = open_named(value, rules, context);
    if (!file) return std::nullopt;
    return decode(value, trimmed(file->text.view()), shown(file->path.native()), context.problems);
}

}  // namespace

std::optional<SecretKey> read_secret_key(MapReader& map, const SecretKeyNames& names, bool required,
                                         Context& context) {
    const Value* const in_line = map.find(names.key);
    const Value* const in_file = map.find(names.file);
    if (in_line != nullptr && in_file != nullptr) {
        const Value& second =
            std::max(in_line->key_at, in_file->key_at) == in_line->key_at ? *in_line : *in_file;
        context.problems.add(second.key_at,
                             fmt::format("both {} and {}, expected one of them", names.key, names.file));
    } else if (in_line != nullptr) {
        return read_inline_key(*in_line, context.problems);
    } else if (in_file != nullptr) {
        return read_key_file(*in_file, context);
    } else if (required) {
        map.report_missing(fmt::format("{} or {}", names.file, names.key));
    }
    return std::nullopt;
}

std::optional<PublicKey> read_public_key(const Value& value, Problems& problems) {
    if (!value.is_scalar()) {
        report_kind(value, "a key in base64", problems);
        return std::nullopt;
    }
    const auto key = decode_public_key(value.text);
    if (!key) {
        problems.add(value, fmt::format("the value {}", judge_key(value.text)));
    } else if (is_low_order(*key)) {
        problems.add(value, "a point of low order, expected a key that sessions can be made with");
        return std::nullopt;
    }
    return key;
}

std::filesystem::path read_file_name(MapReader& map, std::string_view key, bool secret, Context& context) {
    const Value* const value = map.find(key);
    if (value == nullptr || (value->is_scalar() && value->text.empty())) return {};
    const FileRules rules{.max_bytes = kMaxPemFileBytes,
                          .owner_only = secret && !context.options.insecure_key_files};
    const auto file = open_named(*value, rules, context);
    if (!file) return {};
    if (trimmed(file->text.view()).empty()) {
        context.problems.add(
            *value, fmt::format("{} is empty, expected something in it", shown(file->path.native())));
        return {};
    }
    return file->path;
}

}  // namespace ringway::config
