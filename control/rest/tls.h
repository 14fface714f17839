#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>

#include "config/configuration.h"

namespace ringway::control::rest {

/// What came of reading from a client or writing to it.
struct Moved {
    enum class Outcome : unsigned char {
        some,     ///< `bytes` were moved
        blocked,  ///< not now; again when the socket is readable or, if `for_writing`, writable
        ended,    ///< the client is gone, or sent what it must not
    };
    Outcome outcome = Outcome::ended;
    std::size_t bytes = 0;
    bool for_writing = false;
};

/// The TLS of one connection, over a socket that does not block. One thread at a time.
class TlsSession {
  public:
    TlsSession(SSL_CTX* context, int socket);

    /// `some` when the handshake is complete.
    [[nodiscard]] Moved accept();
    [[nodiscard]] Moved read(char* to, std::size_t room);
    [[nodiscard]] Moved write(const char* from, std::size_t bytes);
    /// Tells the client that no more comes.
    void close();
    /// The client has shown a certificate that the configured authority signed.
    [[nodiscard]] bool has_client_certificate() const;

  private:
    [[nodiscard]] Moved outcome_of(int result);

    struct Free {
        void operator()(SSL* session) const { SSL_free(session); }
    };
    std::unique_ptr<SSL, Free> session_;
};

/// Our certificate and key, and whose clients' certificates count. TLS 1.2 at the least.
class TlsContext {
  public:
    /// Throws std::runtime_error naming the setting that can't be used.
    explicit TlsContext(const config::Tls& tls);

    [[nodiscard]] std::unique_ptr<TlsSession> session(int socket) const {
        return std::make_unique<TlsSession>(context_.get(), socket);
    }

  private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace ringway::control::rest
