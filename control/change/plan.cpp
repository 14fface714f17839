#include "control/change/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "config/base64.h"

namespace ringway::control {
namespace {

std::string quoted_or_none(const std::string& text) {
    return text.empty() ? "none" : text;
}

std::string endpoint_of(const config::Peer& peer) {
    return peer.endpoint ? peer.endpoint->to_string() : "none";
}

/// No preshared key and one of zeros are the same.
bool has_preshared_key(const config::Peer& peer) {
    return peer.preshared_key && !peer.preshared_key->is_zero();
}

bool same_preshared_key(const config::Peer& a, const config::Peer& b) {
    if (!has_preshared_key(a) || !has_preshared_key(b)) return has_preshared_key(a) == has_preshared_key(b);
    return a.preshared_key->equals(*b.preshared_key);
}

std::set<config::Prefix> allowed_ips(const config::Peer& peer) {
    return {peer.allowed_ips.begin(), peer.allowed_ips.end()};
}

std::string difference(const config::Peer& before, const config::Peer& wanted) {
    const std::set<config::Prefix> had = allowed_ips(before);
    const std::set<config::Prefix> has = allowed_ips(wanted);
    std::string text;
    const auto add = [&](char sign, const config::Prefix& prefix) {
        fmt::format_to(std::back_inserter(text), "{}{}{}", text.empty() ? "" : " ", sign, prefix.to_string());
    };
    for (const config::Prefix& prefix : has) {
        if (!had.contains(prefix)) add('+', prefix);
    }
    for (const config::Prefix& prefix : had) {
        if (!has.contains(prefix)) add('-', prefix);
    }
    return text;
}

char sign(PeerChange::Kind kind) {
    switch (kind) {
        case PeerChange::Kind::add:
            return '+';
        case PeerChange::Kind::change:
            return '~';
        case PeerChange::Kind::remove:
            return '-';
    }
    return '?';
}

std::string fields_text(const std::vector<FieldChange>& fields) {
    std::string text;
    for (const FieldChange& change : fields)
        text += (text.empty() ? "" : ", ") + change.field + " " + change.what;
    return text;
}

}  // namespace

std::string_view name(PeerChange::Kind kind) {
    switch (kind) {
        case PeerChange::Kind::add:
            return "add";
        case PeerChange::Kind::change:
            return "change";
        case PeerChange::Kind::remove:
            return "remove";
    }
    return "";
}

std::string_view name(ChangedBy by) {
    switch (by) {
        case ChangedBy::file:
            return "file";
        case ChangedBy::rest:
            return "rest";
        case ChangedBy::console:
            return "console";
        case ChangedBy::wg_socket:
            return "wg";
        case ChangedBy::rollback:
            return "rollback";
    }
    return "";
}

std::vector<FieldChange> PeerChange::fields() const {
    if (kind != Kind::change) return {};
    std::vector<FieldChange> fields;
    if (before->name != wanted->name)
        fields.push_back(
            {"name", fmt::format("{} -> {}", quoted_or_none(before->name), quoted_or_none(wanted->name))});
    if (!same_preshared_key(*before, *wanted)) {
        fields.push_back({"preshared_key", !has_preshared_key(*before)   ? "set"
                                           : !has_preshared_key(*wanted) ? "removed"
                                                                         : "changed"});
    }
    if (before->endpoint != wanted->endpoint) {
        fields.push_back({"endpoint", fmt::format("{} -> {}", endpoint_of(*before), endpoint_of(*wanted))});
    } else if (set_endpoint) {
        fields.push_back({"endpoint", "-> " + endpoint_of(*wanted)});
    }
    if (std::string text = difference(*before, *wanted); !text.empty())
        fields.push_back({"allowed_ips", std::move(text)});
    if (before->persistent_keepalive != wanted->persistent_keepalive)
        fields.push_back({"persistent_keepalive", fmt::format("{} -> {}", before->persistent_keepalive,
                                                              wanted->persistent_keepalive)});
    return fields;
}

std::size_t Plan::count(PeerChange::Kind kind) const {
    std::size_t count = 0;
    for (const TunnelChange& tunnel : tunnels) {
        count += static_cast<std::size_t>(std::count_if(tunnel.peers.begin(), tunnel.peers.end(),
                                                        [&](const PeerChange& c) { return c.kind == kind; }));
    }
    return count;
}

std::optional<PeerChange> compare_peers(config::Peer before, config::Peer wanted) {
    PeerChange change{.before = std::move(before), .wanted = std::move(wanted)};
    change.set_endpoint = change.wanted->endpoint && change.before->endpoint != change.wanted->endpoint;
    if (change.fields().empty()) return std::nullopt;
    return change;
}

PlanSummary summarize(const Plan& plan, std::size_t limit) {
    using Kind = PeerChange::Kind;
    PlanSummary summary{.added = plan.count(Kind::add),
                        .changed = plan.count(Kind::change),
                        .removed = plan.count(Kind::remove),
                        .needs_restart = plan.needs_restart};
    const auto add = [&](auto&& make) {
        if (summary.changes.size() < limit) {
            summary.changes.push_back(make());
        } else {
            ++summary.more;
        }
    };
    for (const TunnelChange& tunnel : plan.tunnels) {
        if (!tunnel.fields.empty())
            add([&] { return PlannedChange{.tunnel = tunnel.name, .fields = tunnel.fields}; });
        for (const PeerChange& change : tunnel.peers) {
            add([&] {
                return PlannedChange{.tunnel = tunnel.name,
                                     .peer = change.peer().name,
                                     .public_key = config::base64_encode(change.peer().public_key.bytes),
                                     .kind = change.kind,
                                     .fields = change.fields()};
            });
        }
    }
    return summary;
}

std::string text_of(const PlanSummary& summary) {
    std::string text;
    auto out = std::back_inserter(text);
    for (const PlannedChange& change : summary.changes) {
        fmt::format_to(out, "{} tunnel {}", sign(change.kind), change.tunnel);
        if (!change.public_key.empty())
            fmt::format_to(out, " peer {}", change.peer.empty() ? change.public_key : change.peer);
        fmt::format_to(out, "{}{}\n", change.fields.empty() ? "" : ": ", fields_text(change.fields));
    }
    if (summary.more != 0) fmt::format_to(out, "  and {} more\n", summary.more);
    for (const std::string& part : summary.needs_restart)
        fmt::format_to(out, "! {}\n", part);
    fmt::format_to(out, "peers: {} to add, {} to change, {} to remove\n", summary.added, summary.changed,
                   summary.removed);
    return text;
}

}  // namespace ringway::control
