#include "config/read_peers.h"

#include <fmt/format.h>

#include <map>

#include "config/host_interface.h"
#include "config/map_reader.h"
#include "config/names.h"

namespace ringway::config {

namespace {

constexpr Range kKeepaliveSeconds = {0, 65535};

class PeersReader {
  public:
    PeersReader(Context& context, const PublicKey* own_key)
        : context_(context), problems_(context.problems), own_key_(own_key) {}

    Peer read(const Value& value) {
        MapReader map(value, "a peer", problems_);
        Peer peer{.line = value.at.line};
        if (const Value* const name = map.find("name")) read_name(*name, peer);
        if (const Value* const key = map.require("public_key")) read_key(*key, peer);
        peer.preshared_key =
            read_secret_key(map, {.key = "preshared_key", .file = "preshared_key_file"}, false, context_);
        if (const Value* const endpoint = map.find("endpoint")) peer.endpoint = read_endpoint(*endpoint);
        if (const Value* const allowed = map.find("allowed_ips")) read_allowed_ips(*allowed, value.at, peer);
        map.number_or_off("persistent_keepalive", peer.persistent_keepalive, kKeepaliveSeconds);
        map.finish();
        return peer;
    }

  private:
    void read_name(const Value& value, Peer& peer) {
        peer.name = read_judged(value, judge_peer_name, problems_).value_or("");
        if (peer.name.empty()) return;
        if (const auto line = names_.claim(peer.name, value.at)) {
            problems_.add(
                value, fmt::format("{} is taken by line {}, expected another name", shown(peer.name), *line));
        }
    }

    void read_key(const Value& value, Peer& peer) {
        const auto key = read_public_key(value, problems_);
        if (!key) return;
        peer.public_key = *key;
        if (own_key_ != nullptr && *key == *own_key_) {
            problems_.add(value, "the tunnel's own public key, expected the peer's");
        } else if (const auto line = keys_.claim(*key, value.at)) {
            problems_.add(value, fmt::format("the key of the peer in line {}, expected another", *line));
        }
    }

    std::optional<Endpoint> read_endpoint(const Value& value) {
        const auto text = read_text(value, problems_);
        if (!text) return std::nullopt;
        const auto endpoint = parse_endpoint(*text);
        if (endpoint) return *endpoint;
        problems_.add(value, fmt::format("{} {}", shown(*text), endpoint.error()));
        return std::nullopt;
    }

    /// Bits behind the length are dropped and a prefix repeated by its own peer counts once, as in wg(8).
    void read_allowed_ips(const Value& list, Position peer_at, Peer& peer) {
        for_each_item(list, problems_, [&](const Value& item) {
            const auto text = read_text(item, problems_);
            if (!text) return;
            const auto prefix = parse_prefix(*text);
            if (!prefix) {
                problems_.add(item, fmt::format("{} {}", shown(*text), prefix.error()));
                return;
            }
            const Prefix masked = prefix->masked();
            const auto [owner, is_new] = owners_.emplace(masked, peer_at);
            if (is_new) {
                peer.allowed_ips.push_back(masked);
            } else if (owner->second != peer_at) {
                problems_.add(item,
                              fmt::format("{} is allowed to the peer of line {}, expected one peer only",
                                          masked.to_string(), owner->second.line));
            }
        });
    }

    Context& context_;
    Problems& problems_;
    const PublicKey* own_key_;
    Unique<std::string> names_;
    Unique<PublicKey> keys_;
    std::map<Prefix, Position> owners_;  ///< the peer each allowed IP belongs to, by its place
};

}  // namespace

Peer read_peer(const Value& value, Context& context, const PublicKey* own_key) {
    return PeersReader(context, own_key).read(value);
}

void read_peers(const Value& value, Context& context, const PublicKey* own_key, std::vector<Peer>& peers) {
    PeersReader reader(context, own_key);
    for_each_item(value, context.problems, [&](const Value& item) { peers.push_back(reader.read(item)); });
}

}  // namespace ringway::config
