#include "tools/load/tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "tools/load/clock.h"
#include "tools/load/failure.h"

namespace natstwin::load {

namespace {

constexpr std::size_t record_max = 16384;
constexpr std::size_t portion_max = 8 * record_max;  // sealed at a time

[[noreturn]] void fail_with_openssl(std::string_view what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  throw Failure(std::string(what) + ": " + (reason ? reason : "the connection ended"));
}

void wait_for(int fd, short events) {
  pollfd ready{.fd = fd, .events = events, .revents = 0};
  ::poll(&ready, 1, 100);
}

}  // namespace

TlsContext::TlsContext() : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) fail_with_openssl("SSL_CTX_new");
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsLink::TlsLink(const TlsContext& context, int fd, double seconds)
    : ssl_(SSL_new(context.get())), fd_(fd), sealed_(BIO_new(BIO_s_mem())) {
  BIO* socket = BIO_new_socket(fd, BIO_NOCLOSE);
  if (!ssl_ || !sealed_ || !socket) fail_with_openssl("SSL_new");
  SSL_set_bio(ssl_, socket, sealed_);
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail_with_errno("fcntl");
  const std::uint64_t give_up = now_ns() + seconds_to_ns(seconds);
  for (;;) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_);
    const bool sent = flush();
    if (result == 1 && sent) return;
    if (result != 1 && SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) fail_with_openssl("TLS handshake");
    wait_for(fd, sent ? POLLIN : POLLOUT);
    if (now_ns() > give_up) throw Failure("a TLS handshake took too long");
  }
}

TlsLink::~TlsLink() { SSL_free(ssl_); }

bool TlsLink::flush() {
  char* data = nullptr;
  auto size = static_cast<std::size_t>(BIO_get_mem_data(sealed_, &data));
  std::size_t sent = 0;
  while (sent < size) {
    const ssize_t count = ::send(fd_, data + sent, size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) fail_with_errno("send");
    if (count < 0) break;
    sent += static_cast<std::size_t>(count);
  }
  if (sent == size) {
    BIO_reset(sealed_);
    return true;
  }
  std::vector<char> taken(sent);
  BIO_read(sealed_, taken.data(), static_cast<int>(sent));
  return false;
}

std::size_t TlsLink::send(std::string_view bytes) {
  ERR_clear_error();
  std::size_t sent = 0;
  while (sent < bytes.size() && flush()) {
    std::size_t count = 0;
    const std::size_t size = std::min(bytes.size() - sent, portion_max);
    if (SSL_write_ex(ssl_, bytes.data() + sent, size, &count) != 1) fail_with_openssl("send");
    sent += count;
  }
  flush();
  return sent;
}

std::size_t TlsLink::receive(char* room, std::size_t size) {
  ERR_clear_error();
  std::size_t got = 0;
  while (size - got >= record_max) {
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_, room + got, size - got, &count);
    if (result != 1) {
      if (SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ) break;
      if (got > 0) break;
      fail_with_openssl("receive");
    }
    got += count;
  }
  return got;
}

}  // namespace natstwin::load
