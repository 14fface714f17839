// The sections rest and console.

#include <fmt/format.h>
#include <sys/un.h>

#include "config/key_file.h"
#include "config/map_reader.h"
#include "config/sections.h"

namespace ringway::config {

namespace {

// sun_path ends with a NUL.
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

void read_listen(const Value& value, Context& context, Rest& rest) {
    const auto text = read_text_or_off(value, context.problems);
    if (!text) return;
    if (text->empty()) {
        rest.listen.reset();
        return;
    }
    const auto listen = parse_socket_address(*text);
    if (listen && !listen->address.is_multicast()) {
        rest.listen = *listen;
        return;
    }
    context.problems.add(
        value, fmt::format("{} {}", shown(*text),
                           listen ? "can't be listened on, expected a unicast address" : listen.error()));
}

void read_tls(const Value& value, Context& context, Tls& tls) {
    MapReader map(value, "tls", context.problems);
    tls.certificate = read_file_name(map, "certificate", false, context);
    tls.key = read_file_name(map, "key", true, context);
    tls.client_ca = read_file_name(map, "client_ca", false, context);
    map.finish();
}

/// Whether a key has a value, good or not.
bool is_given(const Value* map, std::string_view key) {
    if (map == nullptr) return false;
    for (const Value& child : map->children) {
        if (child.key == key) return !(child.is_scalar() && child.text.empty());
    }
    return false;
}

/// interfaces.md, "REST": beyond loopback both TLS and a token, or client certificates.
void check_rest(const Value& value, const Value* listen, const Value* tls, Context& context,
                const Rest& rest) {
    const bool has_certificate = is_given(tls, "certificate");
    const bool has_client_ca = is_given(tls, "client_ca");
    if (has_certificate != is_given(tls, "key")) {
        context.problems.add(*tls, "only one of certificate and key, expected both or neither");
    } else if (has_client_ca && !has_certificate) {
        context.problems.add(*tls, "client_ca without certificate and key, expected all three");
    }
    if (listen == nullptr || !rest.listen || rest.listen->address.is_loopback()) return;
    if (has_certificate && (has_client_ca || is_given(&value, "token_file"))) return;
    context.problems.add(
        *listen, fmt::format("{} is beyond loopback, expected tls and token_file or tls.client_ca as well",
                             rest.listen->to_string()));
}

}  // namespace

void read_rest(const Value& value, Context& context, Rest& rest) {
    MapReader map(value, "rest", context.problems);
    const Value* const listen = map.find("listen");
    const Value* const tls = map.find("tls");
    if (listen != nullptr) read_listen(*listen, context, rest);
    rest.token_file = read_file_name(map, "token_file", true, context);
    if (tls != nullptr) read_tls(*tls, context, rest.tls);
    check_rest(value, listen, tls, context, rest);
    map.finish();
}

void read_console(const Value& value, Context& context, Console& console) {
    MapReader map(value, "console", context.problems);
    map.boolean("stdio", console.stdio);
    if (const Value* const socket = map.find("socket")) {
        const auto path = read_text_or_off(*socket, context.problems);
        if (path && (path->size() > kMaxSocketPath || (!path->empty() && !path->starts_with('/')))) {
            context.problems.add(*socket,
                                 fmt::format("{} is no socket, expected an absolute path of at most {} bytes",
                                             shown(*path), kMaxSocketPath));
        } else if (path) {
            console.socket = *path;
        }
    }
    map.finish();
}

}  // namespace ringway::config
