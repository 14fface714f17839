#include "config/write_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/edit/map_edit.h"
#include "config/edit/peer_text.h"
#include "config/edit/peers_edit.h"
#include "config/edit/running_check.h"
#include "config/edit/source_text.h"
#include "config/load_with_tree.h"

namespace ringway::config {

namespace {

using Problematic = tl::expected<WrittenBack, std::vector<Problem>>;

std::string_view word_of(Forward forward) {
    return forward == Forward::host ? "host" : "fast";
}
std::string_view word_of(DontFragment df) {
    return df == DontFragment::set ? "set" : "clear";
}
std::string_view word_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
        case LogLevel::info:
            break;
    }
    return "info";
}

const Value* find(const Value& map, std::string_view key) {
    const auto found = std::find_if(map.children.begin(), map.children.end(),
                                    [key](const Value& child) { return child.key == key; });
    return found == map.children.end() ? nullptr : &*found;
}

/// Sets the key of a map that is itself a key of `outer`, which may lack it.
void set_in(MapEdit& outer, std::string_view name, std::string_view key, std::string_view value,
            const SourceText& source, TextEdits& edits) {
    const Value* const map = outer.find(name);
    if (map != nullptr && !map->children.empty()) {
        MapEdit inner(source, *map, edits);
        inner.set_text(key, value, Quote::none);
        inner.finish();
        return;
    }
    const Quote quote = outer.is_json() ? Quote::twice : Quote::none;
    SecretText text("{");
    text += scalar_text(key, quote);
    text += ": ";
    text += scalar_text(value, quote);
    text += '}';
    outer.set_raw(name, text);
}

/// Plans the edits that make a text mean what runs.
class Plan {
  public:
    Plan(const SourceText& source, const LoadedText& old, PeerEdit how, TextEdits& edits)
        : source_(source), old_(old), how_(how), edits_(edits) {}

    void set_log_level(LogLevel level) {
        if (old_.configuration.system.log.level == level) return;
        MapEdit root(source_, old_.document.root(), edits_);
        const Value* const system = root.find("system");
        if (system != nullptr && !system->children.empty()) {
            MapEdit map(source_, *system, edits_);
            set_in(map, "log", "level", word_of(level), source_, edits_);
            map.finish();
            return;
        }
        const Quote quote = root.is_json() ? Quote::twice : Quote::none;
        SecretText log("{");
        log += scalar_text("log", quote);
        log += ": {";
        log += scalar_text("level", quote);
        log += ": ";
        log += scalar_text(word_of(level), quote);
        log += "}}";
        root.set_raw("system", log);
        root.finish();
    }

    void set_tunnel(const Tunnel& wanted) {
        const std::vector<Tunnel>& tunnels = old_.configuration.tunnels;
        for (std::size_t i = 0; i < tunnels.size(); ++i)
            if (tunnels[i].name == wanted.name) set_tunnel(i, wanted);
    }

  private:
    void set_tunnel(std::size_t index, const Tunnel& wanted) {
        const Tunnel& old = old_.configuration.tunnels[index];
        const Value& list = *find(old_.document.root(), "tunnels");
        MapEdit map(source_, list.children[index], edits_);
        if (!same_private_key(old.private_key, wanted.private_key)) set_private_key(map, wanted.private_key);
        if (old.listen_port != wanted.listen_port) map.set_number("listen_port", wanted.listen_port);
        if (old.fwmark != wanted.fwmark) map.set_number("fwmark", wanted.fwmark);
        if (old.forward != wanted.forward) map.set_text("forward", word_of(wanted.forward), Quote::none);
        if (old.peer_to_peer != wanted.peer_to_peer) map.set_boolean("peer_to_peer", wanted.peer_to_peer);
        if (old.df != wanted.df) map.set_text("df", word_of(wanted.df), Quote::none);
        edit_peers(source_, list, list.children[index], old.peers, wanted.peers, how_, map, edits_);
        map.finish();
    }

    void set_private_key(MapEdit& map, const SecretKey& key) {
        const SecretText text = key_text(key.bytes());
        if (map.find("private_key_file") != nullptr) {
            map.replace_key("private_key_file", "private_key", text, Quote::twice);
        } else {
            map.set_text("private_key", text, Quote::twice);
        }
    }

    const SourceText& source_;
    const LoadedText& old_;
    PeerEdit how_;
    TextEdits& edits_;
};

/// Private and preshared keys that stand in a text itself.
std::vector<std::string_view> secrets_in(const Document& document) {
    std::vector<std::string_view> secrets;
    const Value* const tunnels = find(document.root(), "tunnels");
    if (tunnels == nullptr) return secrets;
    for (const Value& tunnel : tunnels->children) {
        if (const Value* const key = find(tunnel, "private_key")) secrets.push_back(key->text);
        const Value* const peers = find(tunnel, "peers");
        if (peers == nullptr) continue;
        for (const Value& peer : peers->children)
            if (const Value* const key = find(peer, "preshared_key")) secrets.push_back(key->text);
    }
    std::sort(secrets.begin(), secrets.end());
    return secrets;
}

std::vector<Problem> problem(const std::filesystem::path& file, std::uint32_t line, std::string text) {
    std::vector<Problem> problems;
    problems.push_back({.file = file.string(), .line = std::max(line, 1U), .text = std::move(text)});
    return problems;
}

/// Writes one text.
class Writer {
  public:
    Writer(std::string_view text, const std::filesystem::path& file, const Running& running,
           const LoadOptions& options, const LoadedText& old)
        : original_(text), file_(file), running_(running), options_(options), old_(old), whole_(text) {
        const std::size_t last_break = text.rfind('\n');
        const bool is_crlf =
            last_break != std::string_view::npos && last_break > 0 && text[last_break - 1] == '\r';
        if (!text.ends_with('\n')) added_break_ = is_crlf ? "\r\n" : "\n";
        whole_ += added_break_;
    }

    [[nodiscard]] Problematic write() {
        auto first = attempt(PeerEdit::fields);
        if (first) return first;
        auto second = attempt(PeerEdit::whole);
        if (second) return second;
        return first;
    }

  private:
    [[nodiscard]] Problematic attempt(PeerEdit how) {
        const SourceText source(whole_);
        TextEdits edits(source);
        Plan plan(source, old_, how, edits);
        for (const Tunnel& tunnel : running_.tunnels)
            plan.set_tunnel(tunnel);
        // Last: what comes in at the end of the text stands behind what comes in at the end of a tunnel.
        plan.set_log_level(running_.log_level);
        if (edits.empty() && means_what_runs(old_.configuration, old_.configuration, running_))
            return unchanged();
        auto made = edits.apply();
        if (made.text.ends_with(added_break_)) made.text.resize(made.text.size() - added_break_.size());
        return checked(std::move(made));
    }

    [[nodiscard]] Problematic unchanged() const {
        WrittenBack out{.text = SecretText(original_)};
        out.holds_secrets = !secrets_in(old_.document).empty();
        return out;
    }

    /// The text with its lines, if it means what runs.
    [[nodiscard]] Problematic checked(TextEdits::Result&& made) const {
        const auto loaded = load_with_tree(made.text, file_, options_);
        if (!loaded) {
            return tl::make_unexpected(problem(
                file_, 1, fmt::format("what runs can't be saved here: {}", loaded.error().front().text)));
        }
        if (!means_what_runs(loaded->configuration, old_.configuration, running_)) {
            return tl::make_unexpected(
                problem(file_, 1, "what runs can't be saved in this style of YAML, expected a plainer one"));
        }
        const auto before = secrets_in(old_.document);
        const auto now = secrets_in(loaded->document);
        const bool adds = !std::includes(before.begin(), before.end(), now.begin(), now.end());
        return WrittenBack{std::move(made.text), made.lines, !now.empty(), adds};
    }

    std::string_view original_;
    const std::filesystem::path& file_;
    const Running& running_;
    const LoadOptions& options_;
    const LoadedText& old_;
    SecretText whole_;  ///< the text, its last line ended
    std::string_view added_break_;
};

}  // namespace

Problematic write_back(std::string_view text, const std::filesystem::path& file, const Running& running,
                       const LoadOptions& options) {
    if (auto reason = find_unwritable(running)) return tl::make_unexpected(problem(file, 1, *reason));
    const auto old = load_with_tree(text, file, options);
    if (!old) return tl::make_unexpected(old.error());
    for (const Tunnel& tunnel : running.tunnels) {
        const auto& tunnels = old->configuration.tunnels;
        const bool is_there = std::any_of(tunnels.begin(), tunnels.end(),
                                          [&](const Tunnel& known) { return known.name == tunnel.name; });
        if (is_there) continue;
        return tl::make_unexpected(
            problem(file, 1, fmt::format("tunnel {} runs, but the file does not have it", tunnel.name)));
    }
    return Writer(text, file, running, options, *old).write();
}

}  // namespace ringway::config
