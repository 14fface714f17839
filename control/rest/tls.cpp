#include "control/rest/tls.h"

#include <openssl/err.h>

#include <limits>
#include <new>
#include <stdexcept>
#include <string>

namespace ringway::control::rest {
namespace {

[[noreturn]] void refuse(const std::string& what) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    throw std::runtime_error("rest.tls." + what + (reason == nullptr ? "" : std::string(": ") + reason));
}

int as_int(std::size_t bytes) {
    return static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

}  // namespace

TlsContext::TlsContext(const config::Tls& tls) : context_(SSL_CTX_new(TLS_server_method())) {
    if (!context_) throw std::bad_alloc();
    SSL_CTX* context = context_.get();
    (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Nothing of a session is kept: a certificate is looked at anew on each connection.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(context, tls.certificate.c_str()) != 1)
        refuse("certificate: " + tls.certificate.string() + " can't be used");
    if (SSL_CTX_use_PrivateKey_file(context, tls.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        refuse("key: " + tls.key.string() + " can't be used with the certificate");
    }
    if (tls.client_ca.empty()) return;
    if (SSL_CTX_load_verify_locations(context, tls.client_ca.c_str(), nullptr) != 1)
        refuse("client_ca: " + tls.client_ca.string() + " can't be used");
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(tls.client_ca.c_str()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

TlsSession::TlsSession(SSL_CTX* context, int socket) : session_(SSL_new(context)) {
    if (!session_ || SSL_set_fd(session_.get(), socket) != 1) throw std::bad_alloc();
    SSL_set_accept_state(session_.get());
}

Moved TlsSession::outcome_of(int result) {
    if (result > 0) return {.outcome = Moved::Outcome::some, .bytes = static_cast<std::size_t>(result)};
    const int error = SSL_get_error(session_.get(), result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ) return {.outcome = Moved::Outcome::blocked};
    if (error == SSL_ERROR_WANT_WRITE) return {.outcome = Moved::Outcome::blocked, .for_writing = true};
    return {};
}

Moved TlsSession::accept() {
    return outcome_of(SSL_accept(session_.get()));
}

Moved TlsSession::read(char* to, std::size_t room) {
    return outcome_of(SSL_read(session_.get(), to, as_int(room)));
}

Moved TlsSession::write(const char* from, std::size_t bytes) {
    return outcome_of(SSL_write(session_.get(), from, as_int(bytes)));
}

void TlsSession::close() {
    if (SSL_is_init_finished(session_.get()) == 1) (void)SSL_shutdown(session_.get());
    ERR_clear_error();
}

bool TlsSession::has_client_certificate() const {
    return SSL_get0_peer_certificate(session_.get()) != nullptr &&
           SSL_get_verify_result(session_.get()) == X509_V_OK;
}

}  // namespace ringway::control::rest
