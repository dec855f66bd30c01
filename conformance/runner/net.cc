#include "conformance/runner/net.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace natstwin::runner {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_left(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

bool wait_for(int fd, short events, Clock::time_point deadline) {
  pollfd set{fd, events, 0};
  return poll(&set, 1, milliseconds_left(deadline)) > 0;
}

}  // namespace

std::expected<int, std::string> connect_to(const std::string& host, int port, int receive_buffer,
                                           int timeout_ms) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    return std::unexpected("no IPv4 address: " + host);
  Socket fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return std::unexpected(std::string("socket: ") + strerror(errno));
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer > 0) setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  int error = 0;
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) error = errno;
  if (error == EINPROGRESS) {
    if (!wait_for(fd.get(), POLLOUT, Clock::now() + std::chrono::milliseconds(timeout_ms))) {
      return std::unexpected("timed out");
    }
    socklen_t size = sizeof error;
    getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) return std::unexpected(strerror(error));
  return fd.release();
}

std::expected<int, std::string> listen_on_loopback(int port) {
  Socket fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), 64) != 0) {
    return std::unexpected("cannot listen on 127.0.0.1:" + std::to_string(port) + ": " + strerror(errno));
  }
  return fd.release();
}

bool send_all(int descriptor, std::string_view bytes, int timeout_ms) {
  while (!bytes.empty()) {
    const auto sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN ||
               !wait_for(descriptor, POLLOUT, Clock::now() + std::chrono::milliseconds(timeout_ms))) {
      return false;
    }
  }
  return true;
}

int local_port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::expected<trace::Frame, std::string> exchange_http(const std::string& host, int port,
                                                       std::string_view request, bool head_only, ByteTap* tap,
                                                       int timeout_ms) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  const auto connected = connect_to(host, port, 0, timeout_ms);
  if (!connected) return std::unexpected(connected.error());
  const Socket fd(*connected);
  const std::string out = tap == nullptr ? std::string(request) : tap->on_client(request);
  if (!send_all(fd.get(), out, milliseconds_left(deadline)))
    return std::unexpected("the request was not taken");

  const auto decoder = trace::make_http_decoder();
  std::string head;
  std::string buffer(256 << 10, '\0');
  while (wait_for(fd.get(), POLLIN, deadline)) {
    const auto got = recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EAGAIN) continue;
    std::string_view bytes(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    const std::string tapped = tap == nullptr ? std::string()
                               : got > 0      ? tap->on_server(bytes)
                                              : tap->on_server_end();
    if (tap != nullptr) bytes = tapped;
    decoder->feed(bytes);
    if (head_only) head += bytes;
    if (const auto end = head.find("\r\n\r\n"); head_only && end != std::string::npos) {
      return trace::Frame{"HTTP", trace::http_leaves(std::string_view(head).substr(0, end + 2),
                                                     std::string_view(head).substr(end + 4))};
    }
    if (auto frame = decoder->next()) return std::move(*frame);
    if (got > 0) continue;
    auto rest = decoder->finish();
    if (rest.empty()) return std::unexpected("the connection was closed without an answer");
    return std::move(rest.front());
  }
  return std::unexpected("timed out");
}

}  // namespace natstwin::runner
