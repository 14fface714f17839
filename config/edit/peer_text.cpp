#include "config/edit/peer_text.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

#include "config/edit/entries.h"

namespace ringway::config {

namespace {

/// A key of a peer and its value as YAML.
struct Field {
    std::string_view key;
    SecretText value;
};

const Value* find(const Value& map, std::string_view key) {
    const auto found = std::find_if(map.children.begin(), map.children.end(),
                                    [key](const Value& child) { return child.key == key; });
    return found == map.children.end() ? nullptr : &*found;
}

/// The peers of a tunnel that has some.
const Value* peers_of(const Value& tunnel) {
    const Value* const peers = find(tunnel, "peers");
    return peers == nullptr || peers->children.empty() ? nullptr : peers;
}

void learn_from_list(const SourceText& source, const Value& list, PeerStyle& style) {
    const Value& last = list.children.back();
    style.in_flow_list = source.is_flow(list);
    style.is_flow = source.is_flow(last);
    style.is_json = source.text()[source.key_begin(last.children.front())] == '"';
    style.is_padded = style.is_flow && source.text()[source.value_begin(last) + 1] == ' ';
    if (const Value* const key = find(last, "public_key"))
        style.key_quote = quote_of(source.value_text(*key));
    if (!style.in_flow_list) {
        const std::size_t dash = entry_begin(source, list, list.children.size() - 1);
        style.dash_column = source.column(dash);
        if (source.line_of(dash) == source.line_of(source.value_begin(last)))
            style.key_offset = source.value_begin(last) - dash;
    }
    const Value* const allowed = find(last, "allowed_ips");
    if (allowed != nullptr && !style.is_flow && !allowed->children.empty() && !source.is_flow(*allowed)) {
        style.lists_are_blocks = true;
        const std::size_t dash = source.column(entry_begin(source, *allowed, 0));
        style.list_offset = dash - std::min<std::size_t>(dash, allowed->key_at.column - 1);
    }
}

bool has_blank_line_between(const SourceText& source, const Value& list) {
    if (list.children.size() < 2 || source.is_flow(list)) return false;
    const std::size_t first = first_line_of_entry(source, list, list.children.size() - 1);
    return first > 0 && source.is_blank(first - 1);
}

std::vector<Field> fields_of(const Peer& peer, const PeerStyle& style, std::string_view preshared_key_file) {
    const Quote key_quote = style.is_json ? Quote::twice : style.key_quote;
    const Quote quote = style.is_json ? Quote::twice : Quote::none;
    std::vector<Field> fields;
    if (!peer.name.empty()) fields.push_back({"name", scalar_text(peer.name, quote)});
    fields.push_back({"public_key", scalar_text(key_text(peer.public_key.bytes), key_quote)});
    if (!preshared_key_file.empty()) {
        fields.push_back({"preshared_key_file", SecretText(preshared_key_file)});
    } else if (peer.preshared_key && !peer.preshared_key->is_zero()) {
        fields.push_back({"preshared_key", scalar_text(key_text(peer.preshared_key->bytes()), key_quote)});
    }
    if (peer.endpoint) fields.push_back({"endpoint", scalar_text(peer.endpoint->to_string(), quote)});
    if (!peer.allowed_ips.empty()) {
        fields.push_back({"allowed_ips", style.lists_are_blocks && !style.is_flow
                                             ? SecretText()
                                             : prefixes_text(peer.allowed_ips, quote)});
    }
    if (peer.persistent_keepalive != 0)
        fields.push_back({"persistent_keepalive", SecretText(fmt::format("{}", peer.persistent_keepalive))});
    return fields;
}

SecretText field_text(const Field& field, const PeerStyle& style) {
    SecretText text = style.is_json ? scalar_text(field.key, Quote::twice) : SecretText(field.key);
    text += field.value.empty() ? ":" : ": ";
    text += field.value;
    return text;
}

SecretText flow_text(const std::vector<Field>& fields, const PeerStyle& style) {
    SecretText text(style.in_flow_list ? "" : std::string(style.dash_column, ' ') + "- ");
    text += style.is_padded ? "{ " : "{";
    for (const Field& field : fields) {
        if (&field != &fields.front()) text += ", ";
        text += field_text(field, style);
    }
    text += style.is_padded ? " }" : "}";
    return text;
}

}  // namespace

PeerStyle learn_style(const SourceText& source, const Value& tunnels, const Value& tunnel) {
    PeerStyle style;
    if (const Value* const own = peers_of(tunnel)) {
        learn_from_list(source, *own, style);
        style.blank_line_between = has_blank_line_between(source, *own);
        return style;
    }
    if (source.is_flow(tunnel)) {
        style.is_flow = style.in_flow_list = true;
        style.is_json = source.text()[source.key_begin(tunnel.children.front())] == '"';
        return style;
    }
    // Not how deep another tunnel's peers are, but how far from their key.
    std::size_t offset = source.column(entry_begin(source, tunnels, 0)) - (tunnels.key_at.column - 1);
    for (const Value& other : tunnels.children) {
        const Value* const peers = peers_of(other);
        if (peers == nullptr || source.is_flow(*peers)) continue;
        style = {};
        learn_from_list(source, *peers, style);
        offset = style.dash_column - (peers->key_at.column - 1);
        style.blank_line_between = has_blank_line_between(source, *peers);
    }
    style.dash_column = tunnel.children.front().key_at.column - 1 + offset;
    return style;
}

std::vector<SecretText> peer_text(const Peer& peer, const PeerStyle& style,
                                  std::string_view preshared_key_file) {
    const std::vector<Field> fields = fields_of(peer, style, preshared_key_file);
    std::vector<SecretText> lines;
    if (style.is_flow) {
        lines.push_back(flow_text(fields, style));
        return lines;
    }
    const std::size_t column = style.dash_column + style.key_offset;
    for (const Field& field : fields) {
        SecretText& line = lines.emplace_back(column, ' ');
        line += field_text(field, style);
        if (!field.value.empty()) continue;
        for (const Prefix& prefix : peer.allowed_ips) {
            SecretText& item = lines.emplace_back(column + style.list_offset, ' ');
            item += "- ";
            item += prefix_text(prefix, style.is_json ? Quote::twice : Quote::none);
        }
    }
    lines.front()[style.dash_column] = '-';
    return lines;
}

SecretText prefix_text(const Prefix& prefix, Quote quote) {
    return scalar_text(prefix.to_string(), quote);
}

SecretText prefixes_text(const std::vector<Prefix>& prefixes, Quote quote) {
    SecretText text("[");
    for (const Prefix& prefix : prefixes) {
        if (text.size() > 1) text += ", ";
        text += prefix_text(prefix, quote);
    }
    text += ']';
    return text;
}

SecretText key_text(std::span<const std::uint8_t, kKeyBytes> key) {
    SecretText text(sodium_base64_ENCODED_LEN(kKeyBytes, sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), key.data(), key.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();
    return text;
}

}  // namespace ringway::config
