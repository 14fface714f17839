#include "control/rest/server.h"

#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <stdexcept>

#include "config/address.h"
#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

constexpr std::time_t kReadSeconds = 5;
constexpr std::time_t kKeepAliveSeconds = 5;
constexpr std::size_t kKeepAliveRequests = 1000;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

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

std::unique_ptr<httplib::Server> make_server(const config::Rest& rest) {
    if (rest.tls.certificate.empty()) return std::make_unique<httplib::Server>();
    const char* authority = rest.tls.client_ca.empty() ? nullptr : rest.tls.client_ca.c_str();
    auto server =
        std::make_unique<httplib::SSLServer>(rest.tls.certificate.c_str(), rest.tls.key.c_str(), authority);
    if (!server->is_valid()) throw std::runtime_error("rest.tls: the certificate and the key can't be used");
    return server;
}

std::string read_token(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string token;
    if (!std::getline(in, token) || token.empty())
        throw std::runtime_error("rest.token_file: " + file.string() + " holds no token");
    return token;
}

}  // namespace

Guard guard_of(const config::Rest& rest) {
    Guard::Options options;
    if (!rest.token_file.empty()) options.token = read_token(rest.token_file);
    options.token_for_reads = !rest.listen->address.is_loopback();
    std::array<char, 256> name{};
    (void)gethostname(name.data(), name.size() - 1);
    options.hosts = {"localhost", lower(name.data())};
    return Guard(std::move(options));
}

Server::Server(const config::Rest& rest, const Api& api) : http_(make_server(rest)) {
    http_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http_->set_payload_max_length(kMaxBody);
    http_->set_read_timeout(kReadSeconds);
    http_->set_write_timeout(kReadSeconds);
    http_->set_keep_alive_timeout(kKeepAliveSeconds);
    http_->set_keep_alive_max_count(kKeepAliveRequests);
    const bool mutual_tls = !rest.tls.client_ca.empty();
    const httplib::Server::Handler serve = [&api, mutual_tls](const httplib::Request& from,
                                                              httplib::Response& to) {
        Request request = request_of(from);
        request.has_client_certificate = mutual_tls;
        give(api.handle(std::move(request)), to);
    };
    http_->Get(".*", serve).Post(".*", serve).Put(".*", serve).Patch(".*", serve).Delete(".*", serve);
    // A request without a length has no body (RFC 9112, section 6.3); httplib would wait for one.
    http_->set_pre_routing_handler([serve](const httplib::Request& from, httplib::Response& to) {
        if (from.has_header("Content-Length") || from.has_header("Transfer-Encoding"))
            return httplib::Server::HandlerResponse::Unhandled;
        serve(from, to);
        return httplib::Server::HandlerResponse::Handled;
    });
    // What httplib refuses by itself (malformed, too large) is a problem document too.
    http_->set_error_handler([](const httplib::Request&, httplib::Response& to) {
        if (to.body.empty()) give(problem_response(Problem(to.status, "the request can't be served")), to);
    });

    const std::string host = rest.listen->address.to_string();
    if (!http_->bind_to_port(host, rest.listen->port))
        throw std::runtime_error("rest.listen: " + rest.listen->to_string() +
                                 " can't be bound: is it in use?");
    acceptor_ = std::thread([this] { http_->listen_after_bind(); });
    // stop() has no effect on a server that does not run yet, and the end would wait for it in vain.
    while (!http_->is_running())
        std::this_thread::yield();
}

Server::~Server() {
    http_->stop();
    acceptor_.join();
}

}  // namespace ringway::control::rest
