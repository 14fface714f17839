#include "control/rest/http.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cctype>

#include "control/rest/framing.h"
#include "control/rest/problem.h"
#include "control/rest/wiped.h"

namespace ringway::control::rest {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// What a request is read from and its response is written to.
class MemoryStream final : public httplib::Stream {
  public:
    explicit MemoryStream(std::string_view request) : request_(request) {}

    [[nodiscard]] bool is_readable() const override { return true; }
    [[nodiscard]] bool is_writable() const override { return true; }
    ssize_t read(char* to, std::size_t room) override {
        const std::size_t bytes = request_.copy(to, room);
        request_.remove_prefix(bytes);
        return static_cast<ssize_t>(bytes);
    }
    ssize_t write(const char* from, std::size_t bytes) override {
        response.append(from, bytes);
        return static_cast<ssize_t>(bytes);
    }
    void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
    void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
    [[nodiscard]] socket_t socket() const override { return -1; }

    std::string response;

  private:
    std::string_view request_;
};

Request request_of(const httplib::Request& from) {
    Request request;
    request.method = from.method;
    request.path = from.path;
    request.query.insert(from.params.begin(), from.params.end());
    for (const auto& [name, value] : from.headers)
        request.headers.emplace(lower(name), value);
    request.body = from.body;
    return request;
}

void give(const Response& response, httplib::Response& to) {
    to.status = response.status;
    for (const auto& [name, value] : response.headers)
        to.set_header(name, value);
    to.set_header("Cache-Control", "no-store");
    to.set_header("X-Content-Type-Options", "nosniff");
    to.set_content(response.body, response.content_type);
}

}  // namespace

class Http::Engine final : public httplib::Server {
  public:
    explicit Engine(Http::Handler handler) : handler_(std::move(handler)) {
        set_payload_max_length(kMaxBodyBytes);
        const Handler serve = [this](const httplib::Request& from, httplib::Response& to) {
            this->serve(from, to);
        };
        Get(".*", serve).Post(".*", serve).Put(".*", serve).Patch(".*", serve).Delete(".*", serve);
        // A request without a length has no body (RFC 9112, section 6.3); httplib would wait for one.
        set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
            if (from.has_header("Content-Length")) return HandlerResponse::Unhandled;
            this->serve(from, to);
            return HandlerResponse::Handled;
        });
        // What httplib refuses by itself is a problem document too.
        set_error_handler([](const httplib::Request&, httplib::Response& to) {
            if (to.body.empty())
                give(problem_response(Problem(to.status, "the request can't be served")), to);
        });
        set_logger([this](const httplib::Request&, const httplib::Response& to) { status_ = to.status; });
    }

    Reply reply(std::string_view request, bool has_client_certificate) {
        has_client_certificate_ = has_client_certificate;
        events_.reset();
        status_ = 500;
        MemoryStream stream(request);
        bool close = false;
        // Parts of a response are nobody's need, and many overlapping ones a way to fill our memory.
        const bool served =
            process_request(stream, false, close, [](httplib::Request& from) { from.ranges.clear(); });
        std::string& bytes = stream.response;
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        if (bytes.starts_with(kContinue)) bytes.erase(0, kContinue.size());  // said by Front, if at all
        if (events_) return {200, std::string(kEventStreamHead), true, events_};
        if (bytes.empty()) return {500, refusal_text(500, "the request can't be served"), true, {}};
        return {status_, std::move(bytes), close || !served, {}};
    }

  private:
    void serve(const httplib::Request& from, httplib::Response& to) {
        Request request = request_of(from);
        request.has_client_certificate = has_client_certificate_;
        // It may hold a preshared key. httplib's object is no constant: it is made anew for each request.
        wipe(const_cast<httplib::Request&>(from).body);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        const Response response = handler_(std::move(request));
        if (from.method != "HEAD") events_ = response.events;
        give(response, to);
    }

    Http::Handler handler_;
    bool has_client_certificate_ = false;
    int status_ = 500;
    std::optional<EventCursor> events_;
};

Http::Http(Handler handler) : engine_(std::make_unique<Engine>(std::move(handler))) {}
Http::~Http() = default;

Reply Http::reply(std::string_view request, bool has_client_certificate) {
    return engine_->reply(request, has_client_certificate);
}

std::string refusal_text(int status, const std::string& detail, unsigned retry_after) {
    const Response response = problem_response(Problem(status, detail));
    std::string text = fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n",
        status, title_of(status), response.content_type, response.body.size());
    if (retry_after != 0) text += fmt::format("Retry-After: {}\r\n", retry_after);
    return text + "\r\n" + response.body;
}

}  // namespace ringway::control::rest
