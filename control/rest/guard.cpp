#include "control/rest/guard.h"

#include <sodium.h>

#include <algorithm>
#include <cctype>

#include "config/address.h"
#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// "host:port" and "[v6]:port" without the port, and without the brackets.
std::string without_port(const std::string& host) {
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        return end == std::string::npos ? std::string() : host.substr(1, end - 1);
    }
    return host.substr(0, host.find(':'));
}

/// In constant time for tokens of one length, whose length is no secret.
bool same_token(const std::string& a, const std::string& b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

bool is_read(const Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

void Guard::check(const Request& request) const {
    check_host(request);
    check_origin(request);
    check_token(request);
    const std::string type = lower(request.header("content-type"));
    // A type without a body counts: httplib takes the bodies of forms apart.
    if (!is_read(request) && !(request.body.empty() && type.empty())) {
        const std::string kind = type.substr(0, type.find(';'));
        if (kind != "application/json" && kind != "application/merge-patch+json") {
            throw Problem(415, "the body must be application/json");
        }
    }
}

/// A name that an attacker's DNS points here (rebinding) is not one of ours; an address is nobody's name.
void Guard::check_host(const Request& request) const {
    const std::string host = without_port(lower(request.header("host")));
    if (config::parse_address(host)) return;
    if (std::find(options_.hosts.begin(), options_.hosts.end(), host) != options_.hosts.end()) return;
    throw Problem(403, "the Host header names none of the gateway's own names");
}

void Guard::check_origin(const Request& request) const {
    const std::string origin = lower(request.header("origin"));
    if (origin.empty()) return;
    const auto scheme = origin.find("://");
    const bool own =
        scheme != std::string::npos && origin.substr(scheme + 3) == lower(request.header("host"));
    if (!own) throw Problem(403, "requests of other origins are refused");
}

void Guard::check_token(const Request& request) const {
    if (request.has_client_certificate || options_.token.empty()) return;
    // The page itself tells nothing; it asks its user for the token.
    if (is_read(request) && (!options_.token_for_reads || request.path == "/")) return;
    constexpr std::string_view kBearer = "Bearer ";
    const std::string given = request.header("authorization");
    const bool right = given.starts_with(kBearer) && same_token(given.substr(kBearer.size()), options_.token);
    if (!right) throw Problem(401, "a bearer token is needed");
}

}  // namespace ringway::control::rest
