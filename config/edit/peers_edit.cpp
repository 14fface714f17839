#include "config/edit/peers_edit.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>
#include <utility>

#include "config/edit/peer_text.h"

namespace ringway::config {

namespace {

std::vector<Prefix> sorted(std::vector<Prefix> prefixes) {
    std::sort(prefixes.begin(), prefixes.end());
    return prefixes;
}

bool same_prefixes(const std::vector<Prefix>& a, const std::vector<Prefix>& b) {
    return a == b || sorted(a) == sorted(b);
}

/// A name may have been resolved: the address that it led to does not count.
bool same_endpoint(const std::optional<Endpoint>& a, const std::optional<Endpoint>& b) {
    if (a == b) return true;
    return a && b && a->is_named() && a->to_string() == b->to_string();
}

/// Changes the fields of one peer where they stand.
class FieldsEdit {
  public:
    FieldsEdit(const SourceText& source, const Value& item, TextEdits& edits)
        : source_(source), map_(source, item, edits), edits_(edits) {
        if (const Value* const key = map_.find("public_key")) key_quote_ = quote_of(source.value_text(*key));
    }

    void edit(const Peer& old, const Peer& wanted) {
        if (old.name != wanted.name) set_or_remove("name", wanted.name, !wanted.name.empty());
        if (!same_secret(old.preshared_key, wanted.preshared_key)) edit_preshared_key(wanted);
        if (!same_endpoint(old.endpoint, wanted.endpoint)) {
            set_or_remove("endpoint", wanted.endpoint ? wanted.endpoint->to_string() : "",
                          wanted.endpoint.has_value());
        }
        if (!same_prefixes(old.allowed_ips, wanted.allowed_ips)) edit_allowed_ips(wanted.allowed_ips);
        if (old.persistent_keepalive != wanted.persistent_keepalive)
            map_.set_number("persistent_keepalive", wanted.persistent_keepalive);
        map_.finish();
    }

  private:
    void set_or_remove(std::string_view key, std::string_view text, bool is_set) {
        if (is_set) {
            map_.set_text(key, text, Quote::none);
        } else {
            map_.remove(key);
        }
    }

    void edit_preshared_key(const Peer& wanted) {
        if (!wanted.preshared_key || wanted.preshared_key->is_zero()) {
            map_.remove("preshared_key");
            map_.remove("preshared_key_file");
            return;
        }
        const SecretText text = key_text(wanted.preshared_key->bytes());
        if (map_.find("preshared_key_file") != nullptr) {
            map_.replace_key("preshared_key_file", "preshared_key", text, key_quote_);
        } else {
            map_.set_text("preshared_key", text, key_quote_);
        }
    }

    void edit_allowed_ips(const std::vector<Prefix>& wanted) {
        const Value* const list = map_.find("allowed_ips");
        if (list == nullptr || list->children.empty()) {
            map_.set_raw("allowed_ips", prefixes_text(wanted, map_.is_json() ? Quote::twice : Quote::none));
            return;
        }
        const std::set<Prefix> all(wanted.begin(), wanted.end());
        std::set<Prefix> kept;
        EntryChanges changes;
        for (const Value& item : list->children) {
            const auto prefix = parse_prefix(item.text);
            changes.removed.push_back(!prefix || !all.contains(prefix->masked()));
            if (!changes.removed.back()) kept.insert(prefix->masked());
        }
        for (const Prefix& prefix : wanted)
            if (!kept.contains(prefix)) changes.added.push_back(new_item(*list, prefix));
        edit_entries(source_, *list, changes, edits_);
    }

    /// An allowed IP behind the others of a list.
    [[nodiscard]] std::vector<SecretText> new_item(const Value& list, const Prefix& prefix) const {
        const Value& first = list.children.front();
        SecretText line;
        if (!source_.is_flow(list)) {
            const std::size_t dash = entry_begin(source_, list, 0);
            line.assign(source_.column(dash), ' ');
            const bool is_beside = source_.line_of(dash) == source_.line_of(source_.value_begin(first));
            line += is_beside ? source_.text().substr(dash, source_.value_begin(first) - dash) : "- ";
        }
        line += prefix_text(prefix, quote_of(source_.value_text(first)));
        std::vector<SecretText> lines;
        lines.push_back(std::move(line));
        return lines;
    }

    const SourceText& source_;
    MapEdit map_;
    TextEdits& edits_;
    Quote key_quote_ = Quote::twice;
};

/// Replaces a peer's text by a new one, but for the comments above it. A key file that still holds the
/// preshared key is named again.
void replace_whole(const SourceText& source, const Value& list, std::size_t index, const Peer& old,
                   const Peer& wanted, PeerStyle style, TextEdits& edits) {
    const Value& item = list.children[index];
    std::string_view file;
    if (same_secret(old.preshared_key, wanted.preshared_key)) {
        for (const Value& field : item.children)
            if (field.key == "preshared_key_file") file = source.value_text(field);
    }
    const std::size_t begin = entry_begin(source, list, index);
    if (source.is_flow(item) || style.in_flow_list) {
        style.is_flow = style.in_flow_list = true;
        const auto lines = peer_text(wanted, style, file);
        edits.replace(source.value_begin(item), source.value_end(item), lines.front());
        return;
    }
    style.is_flow = false;
    const std::size_t line = source.line_of(begin);
    SecretText text;
    for (const SecretText& part : peer_text(wanted, style, file)) {
        text += part;
        text += source.line_break(line);
    }
    edits.replace(source.line_begin(line), source.line_end(source.line_of(source.value_end(item))), text);
}

struct KeyHash {
    std::size_t operator()(const PublicKey& key) const {
        std::size_t hash = 0;
        std::memcpy(&hash, key.bytes.data(), sizeof hash);
        return hash;
    }
};

/// The peers that the text does not have, as new entries in the style of the others.
std::vector<std::vector<SecretText>> texts_of(const std::vector<const Peer*>& added, const PeerStyle& style) {
    std::vector<std::vector<SecretText>> out;
    for (const Peer* const peer : added)
        out.push_back(peer_text(*peer, style, {}));
    return out;
}

/// `[{...}, {...}]`
SecretText flow_list(const std::vector<std::vector<SecretText>>& texts) {
    SecretText list("[");
    for (const auto& lines : texts) {
        if (list.size() > 1) list += ", ";
        list += lines.front();
    }
    list += ']';
    return list;
}

/// Lines of several entries, one after the other.
std::vector<SecretText> joined(std::vector<std::vector<SecretText>> texts, bool blank_line_between) {
    std::vector<SecretText> out;
    for (auto& lines : texts) {
        if (blank_line_between && !out.empty()) out.emplace_back();
        std::move(lines.begin(), lines.end(), std::back_inserter(out));
    }
    return out;
}

/// The first peers of a tunnel that has no list of them, or an empty one.
void add_first_peers(const SourceText& source, const Value* list, const PeerStyle& style,
                     std::vector<std::vector<SecretText>> texts, MapEdit& map, TextEdits& edits) {
    if (map.is_flow()) {
        map.set_raw("peers", flow_list(texts));
        return;
    }
    std::vector<SecretText> lines = joined(std::move(texts), style.blank_line_between);
    if (list == nullptr) {
        map.add_lines("peers", std::move(lines));
        return;
    }
    const auto colon = source.colon(*list);
    if (!colon) return;
    const std::size_t end = source.value_end(*list);
    edits.erase(*colon + 1, end);
    std::size_t line = source.line_of(end);
    while (line + 1 < source.lines() && source.is_comment(line + 1) &&
           source.indent(line + 1) >= list->key_at.column)
        ++line;
    for (const SecretText& text : lines)
        edits.insert_line_after(line, text);
}

}  // namespace

bool same_secret(const std::optional<SecretKey>& a, const std::optional<SecretKey>& b) {
    // All zero is how wg(8) says that there is none.
    const bool has_a = a && !a->is_zero();
    const bool has_b = b && !b->is_zero();
    return has_a == has_b && (!has_a || a->equals(*b));
}

bool same_peer(const Peer& a, const Peer& b) {
    return a.public_key == b.public_key && a.name == b.name &&
           same_secret(a.preshared_key, b.preshared_key) && same_endpoint(a.endpoint, b.endpoint) &&
           same_prefixes(a.allowed_ips, b.allowed_ips) && a.persistent_keepalive == b.persistent_keepalive;
}

void edit_peers(const SourceText& source, const Value& tunnels, const Value& tunnel,
                const std::vector<Peer>& old, const std::vector<Peer>& wanted, PeerEdit how, MapEdit& map,
                TextEdits& edits) {
    const Value* const list = map.find("peers");
    std::unordered_map<PublicKey, std::size_t, KeyHash> places;
    for (std::size_t i = 0; i < old.size(); ++i)
        places.emplace(old[i].public_key, i);

    const PeerStyle style = learn_style(source, tunnels, tunnel);
    EntryChanges changes;
    changes.removed.assign(old.size(), true);
    changes.blank_line_between = style.blank_line_between;
    std::vector<const Peer*> added;
    for (const Peer& peer : wanted) {
        const auto place = places.find(peer.public_key);
        if (place == places.end()) {
            added.push_back(&peer);
            continue;
        }
        const std::size_t i = place->second;
        changes.removed[i] = false;
        if (same_peer(old[i], peer)) continue;
        const Value& item = list->children[i];
        if (how == PeerEdit::fields && is_editable(source, item)) {
            FieldsEdit(source, item, edits).edit(old[i], peer);
        } else {
            replace_whole(source, *list, i, old[i], peer, style, edits);
        }
    }
    changes.added = texts_of(added, style);
    const bool removes =
        std::find(changes.removed.begin(), changes.removed.end(), true) != changes.removed.end();
    if (!old.empty() && (removes || !added.empty())) {
        edit_entries(source, *list, changes, edits);
    } else if (!added.empty()) {
        add_first_peers(source, list, style, std::move(changes.added), map, edits);
    }
}

}  // namespace ringway::config
