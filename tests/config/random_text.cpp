#include "tests/config/random_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "tests/config/write_back_cases.h"

namespace ringway::tests {

namespace {

using namespace config;

constexpr std::string_view kNoPeer = "-";

/// A key with its value in one line, or with lines below it.
struct Field {
    std::string key;
    std::string value;
    std::vector<std::string> items;  ///< of a list in lines; then there is no value
};

class TextMaker {
  public:
    explicit TextMaker(Chance& chance) : chance_(chance) {}

    std::string make() {
        put_comments(0, kNoPeer);
        line(0, "ports: [{name: wan, device: net_memif0}]", kNoPeer);
        if (chance_.one_in(3)) put_system();
        put_tunnels();
        if (chance_.one_in(3)) line(0, "rest: {listen: off}", kNoPeer);
        put_comments(0, kNoPeer);
        if (chance_.one_in(4)) text_.pop_back();
        return chance_.one_in(4) ? with_crlf(text_) : text_;
    }

  private:
    void line(std::size_t column, std::string_view text, std::string_view tag) {
        text_ += fmt::format("{:{}}{}", "", column, text);
        if (tag != kNoPeer || chance_.one_in(3))
            text_ += fmt::format("{:{}}# tag {};", "", chance_.below(3) + 1, tag);
        text_ += '\n';
    }

    /// Comment lines in a column, perhaps none.
    void put_comments(std::size_t column, std::string_view tag) {
        for (std::size_t i = chance_.below(6); i >= 4; --i)
            text_ += fmt::format("{:{}}# - name: \"x, {{ # tag {};\n", "", column, tag);
    }

    void put_blank_lines() {
        for (std::size_t i = chance_.below(5); i >= 4; --i)
            text_ += chance_.one_in(3) ? "  \n" : "\n";
    }

    void put_system() {
        const std::string_view level = chance_.one_in(2) ? "level: warning" : "target: stderr";
        switch (chance_.below(4)) {
            case 0:
                line(0, fmt::format("system: {{log: {{{}}}}}", level), kNoPeer);
                break;
            case 1:
                line(0, "system:", kNoPeer);
                break;
            case 2:
                line(0, "system:", kNoPeer);
                line(3, fmt::format("log: {{{}}}", level), kNoPeer);
                line(3, "memory: 64", kNoPeer);
                break;
            default:
                line(0, "system:", kNoPeer);
                line(1, "log:", kNoPeer);
                line(2, level, kNoPeer);
        }
    }

    void put_tunnels() {
        line(0, "tunnels:", kNoPeer);
        const std::size_t dash = chance_.below(3) * 2;
        const std::size_t offset = chance_.one_in(4) ? 4 : 2;
        for (std::size_t i = chance_.below(3) + 1; i > 0; --i)
            put_tunnel(dash, offset);
    }

    void put_tunnel(std::size_t dash, std::size_t offset) {
        std::vector<Field> fields;
        fields.push_back({"name", fmt::format("wg{}", tunnel_), {}});
        fields.push_back(chance_.one_in(3) ? Field{"private_key_file", "keys/wg0.key", {}}
                                           : Field{"private_key", quoted(key_of_letter('P')), {}});
        fields.push_back({"listen_port", fmt::format("{}", 51820 + tunnel_++), {}});
        if (chance_.one_in(3)) fields.push_back({"fwmark", chance_.one_in(2) ? "0xca6c" : "off", {}});
        if (chance_.one_in(3)) fields.push_back({"forward", quoted("host"), {}});
        if (chance_.one_in(3)) fields.push_back({"peer_to_peer", chance_.one_in(2) ? "No" : "on", {}});
        if (chance_.one_in(3)) fields.push_back({"df", quoted("set"), {}});
        shuffle(fields);
        if (chance_.one_in(5)) {
            put_flow_tunnel(dash, std::move(fields));
            return;
        }
        const std::size_t peers_at = chance_.below(fields.size()) + 1;
        put_blank_lines();
        put_comments(dash, kNoPeer);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            put_field(dash, offset, fields[i], i == 0, kNoPeer);
            if (i + 1 == peers_at && !chance_.one_in(6)) put_peers(dash + offset);
        }
    }

    void put_flow_tunnel(std::size_t dash, std::vector<Field> fields) {
        if (chance_.one_in(2)) fields.push_back({"peers", flow_peers(), {}});
        line(dash, "- " + flow(fields), kNoPeer);
    }

    std::string flow_peers() {
        std::string out = "[";
        for (std::size_t i = chance_.below(4); i > 0; --i)
            out += flow(peer_fields()) + (i > 1 ? ", " : "");
        return out + "]";
    }

    void put_peers(std::size_t column) {
        const std::size_t count = chance_.below(6);
        if (count == 0) {
            line(column, chance_.one_in(2) ? "peers: []" : "peers:", kNoPeer);
        } else if (chance_.one_in(5)) {
            line(column, "peers: " + flow_peers(), kNoPeer);
        } else if (chance_.one_in(5)) {
            put_flow_lines(column, count);
        } else {
            put_block_peers(column, count);
        }
    }

    /// A list in brackets over lines.
    void put_flow_lines(std::size_t column, std::size_t count) {
        const bool bracket_beside = chance_.one_in(3);
        const bool ends_with_comma = chance_.one_in(2);
        line(column, "peers: [", kNoPeer);
        for (std::size_t i = 1; i <= count; ++i) {
            std::string item = flow(peer_fields());
            if (i < count || ends_with_comma) item += ',';
            if (i == count && bracket_beside) item += ']';
            line(column + 3, item, kNoPeer);
        }
        if (!bracket_beside) line(column + 1, "]", kNoPeer);
    }

    void put_block_peers(std::size_t column, std::size_t count) {
        const std::size_t dash = column + chance_.below(3);
        const std::size_t offset = chance_.one_in(3) ? 3 : 2;
        line(column, "peers:", kNoPeer);
        for (; count > 0; --count) {
            put_blank_lines();
            if (chance_.one_in(5)) {
                put_comments(dash > 0 ? dash - 1 : 0, kNoPeer);
                text_ += '\n';
            }
            const std::string letter(1, letter_);
            const std::vector<Field> fields = peer_fields();
            put_comments(dash, letter);
            if (chance_.one_in(4)) {
                line(dash, "- " + flow(fields), letter);
                continue;
            }
            for (std::size_t i = 0; i < fields.size(); ++i) {
                if (i > 0) put_comments(dash + offset, letter);
                put_field(dash, offset, fields[i], i == 0, letter);
            }
            put_comments(dash + offset, letter);
        }
    }

    std::vector<Field> peer_fields() {
        std::vector<Field> fields;
        const char letter = letter_++;
        fields.push_back({"public_key", quoted(key_of_letter(letter)), {}});
        if (chance_.one_in(2)) fields.push_back({"name", quoted(fmt::format("peer-{}", letter)), {}});
        if (chance_.one_in(3)) {
            fields.push_back(chance_.one_in(2) ? Field{"preshared_key_file", "keys/alice.psk", {}}
                                               : Field{"preshared_key", quoted(key_of_letter('S')), {}});
        }
        if (chance_.one_in(2))
            fields.push_back({"endpoint", chance_.one_in(4) ? "a.example.net:7" : "203.0.113.7:51820", {}});
        if (chance_.one_in(4)) fields.push_back({"persistent_keepalive", "25", {}});
        if (!chance_.one_in(3)) fields.push_back(allowed_ips(letter));
        shuffle(fields);
        return fields;
    }

    Field allowed_ips(char letter) {
        Field field{.key = "allowed_ips", .value = {}, .items = {}};
        for (std::size_t i = chance_.below(4); i > 0; --i) {
            field.items.push_back(chance_.one_in(3) ? fmt::format("\"fd00::{:x}:{}/112\"", letter, i)
                                                    : quoted(fmt::format("10.{}.{}.9/24", letter + 0, i)));
        }
        if (!field.items.empty() && chance_.one_in(2)) return field;
        field.value = "[";
        for (const std::string& item : std::exchange(field.items, {}))
            field.value += (field.value.size() > 1 ? ", " : "") + item;
        field.value += ']';
        return field;
    }

    void put_field(std::size_t dash, std::size_t offset, const Field& field, bool is_first,
                   std::string_view tag) {
        const std::size_t column = dash + offset;
        std::string text = field.key + ": " + std::string(chance_.below(3) / 2, ' ') + field.value;
        if (field.value.empty()) text.pop_back();
        if (is_first) {
            text = fmt::format("-{:{}}{}", "", offset - 1, text);
            line(dash, text, tag);
        } else {
            line(column, text, tag);
        }
        const std::size_t list = column + chance_.below(2) * 2;
        for (const std::string& item : field.items)
            line(list, "- " + item, tag);
    }

    std::string flow(const std::vector<Field>& fields) {
        std::string out = chance_.one_in(3) ? "{ " : "{";
        for (const Field& field : fields) {
            if (&field != &fields.front()) out += ", ";
            out += field.key + ": " + field.value;
            if (!field.value.empty()) continue;
            out += '[';
            for (const std::string& item : field.items)
                out += (&item == &field.items.front() ? "" : ", ") + item;
            out += ']';
        }
        return out + (chance_.one_in(3) ? " }" : "}");
    }

    std::string quoted(const std::string& text) {
        constexpr std::string_view kQuotes[] = {"", "'", "\""};
        const std::string_view quote = kQuotes[chance_.below(3)];
        return fmt::format("{0}{1}{0}", quote, text);
    }

    void shuffle(std::vector<Field>& fields) {
        for (std::size_t i = fields.size(); i > 1; --i)
            std::swap(fields[i - 1], fields[chance_.below(i)]);
    }

    Chance& chance_;
    std::string text_;
    std::size_t tunnel_ = 0;
    char letter_ = 'A';
};

void change_peer(Peer& peer, Chance& chance) {
    if (chance.one_in(3)) peer.name = chance.one_in(2) ? "" : fmt::format("new-{}", peer.public_key.bytes[0]);
    if (chance.one_in(3)) {
        peer.preshared_key.reset();
        if (chance.one_in(2)) peer.preshared_key = secret_key('T');
    }
    if (chance.one_in(3)) {
        peer.endpoint.reset();
        if (chance.one_in(2))
            peer.endpoint = parse_endpoint(chance.one_in(2) ? "[2001:db8::1]:7" : "gw.example.net:7").value();
    }
    if (chance.one_in(3)) peer.persistent_keepalive = static_cast<std::uint16_t>(chance.below(3) * 20);
    if (chance.one_in(3)) {
        std::erase_if(peer.allowed_ips, [&](const Prefix&) { return chance.one_in(2); });
        for (std::size_t i = chance.below(3); i > 0; --i)
            peer.allowed_ips.push_back(prefix(fmt::format("172.{}.{}.0/24", peer.public_key.bytes[0], i)));
    }
}

void change_tunnel(Tunnel& tunnel, Chance& chance) {
    if (chance.one_in(6)) tunnel.private_key = secret_key('Q');
    if (chance.one_in(6)) tunnel.listen_port = static_cast<std::uint16_t>(tunnel.listen_port + 1000);
    if (chance.one_in(6)) tunnel.fwmark = static_cast<std::uint32_t>(chance.below(100));
    if (chance.one_in(6)) tunnel.forward = chance.one_in(2) ? Forward::fast : Forward::host;
    if (chance.one_in(6)) tunnel.peer_to_peer = !tunnel.peer_to_peer;
    if (chance.one_in(6)) tunnel.df = chance.one_in(2) ? DontFragment::clear : DontFragment::set;
    std::erase_if(tunnel.peers, [&](const Peer&) { return chance.one_in(4); });
    for (Peer& peer : tunnel.peers)
        if (chance.one_in(3)) change_peer(peer, chance);
}

}  // namespace

std::string random_text(Chance& chance) {
    return TextMaker(chance).make();
}

void change_at_random(Running& running, Chance& chance) {
    char letter = 'a';
    if (chance.one_in(4)) running.log_level = LogLevel::error;
    for (Tunnel& tunnel : running.tunnels) {
        change_tunnel(tunnel, chance);
        for (std::size_t i = chance.below(6); i > 3; --i) {
            Peer& peer = tunnel.peers.emplace_back(Peer{.public_key = public_key(letter++)});
            change_peer(peer, chance);
        }
    }
}

}  // namespace ringway::tests
