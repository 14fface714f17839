#include "control/rest/body.h"

#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

/// Settings are read while the control thread waits: enough for 2,000 allowed IPs.
constexpr std::size_t kMaxSettingsBytes = std::size_t{64} << 10;
/// An object that holds a list.
constexpr int kMaxDepth = 4;

/// Brackets within brackets, beyond what a body of ours can need: whoever walks such a tree walks it with
/// one call within another.
bool is_too_deep(const std::string& body) {
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const char c = body[i];
        if (in_text) {
            if (c == '\\') ++i;
            if (c == '"') in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

}  // namespace

Json object_in(const std::string& body) {
    if (is_too_deep(body)) throw Problem(400, "the body is nested too deeply");
    if (body.size() > kMaxSettingsBytes) throw Problem(413, "no object that is asked for is so long");
    Json json = Json::parse(body, nullptr, false);
    if (json.is_discarded()) throw Problem(400, "the body is not JSON");
    if (!json.is_object()) throw Problem(422, "expected an object");
    return json;
}

}  // namespace ringway::control::rest
