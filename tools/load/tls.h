// The client's end of TLS on a socket that does not block. The server's certificate is not looked at: what
// is measured is its work.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace natstwin::load {

class TlsContext {
 public:
  TlsContext();
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ssl_ctx_st* get() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

class TlsLink {
 public:
  // Shakes hands before it returns; Failure after `seconds`.
  TlsLink(const TlsContext& context, int fd, double seconds);
  ~TlsLink();
  TlsLink(const TlsLink&) = delete;
  TlsLink& operator=(const TlsLink&) = delete;

  // How many octets are on their way; fewer than all when the socket is full. Some of them may be sealed but
  // not sent: then flush() again when the socket takes more.
  std::size_t send(std::string_view bytes);
  // True: nothing waits for the socket.
  bool flush();
  // What has come, as far as whole records fit `room`; 0: nothing. Failure when the server closed.
  std::size_t receive(char* room, std::size_t size);

 private:
  ssl_st* ssl_;
  int fd_;
  bio_st* sealed_;  // the TLS engine writes here; owned by ssl_
};

}  // namespace natstwin::load
