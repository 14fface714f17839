#include "control/rest/body.h"

#include "control/rest/problem.h"

namespace ringway::control::rest {

Json object_in(const std::string& body) {
    Json json = Json::parse(body, nullptr, false);
    if (json.is_discarded()) throw Problem(400, "the body is not JSON");
    if (!json.is_object()) throw Problem(422, "expected an object");
    return json;
}

}  // namespace ringway::control::rest
