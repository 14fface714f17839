#include "control/rest/problem.h"

namespace ringway::control::rest {

std::string_view title_of(int status) {
    switch (status) {
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 503:
            return "Service Unavailable";
        default:
            return "Internal Server Error";
    }
}

Response problem_response(const Problem& problem) {
    Json document{{"type", "about:blank"},
                  {"title", title_of(problem.status())},
                  {"status", problem.status()},
                  {"detail", problem.what()}};
    if (!problem.field().empty()) document["field"] = problem.field();
    Response response = json_response(document, problem.status());
    response.content_type = "application/problem+json";
    if (problem.status() == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace ringway::control::rest
