#include "conformance/runner/capture_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "conformance/runner/net.h"

namespace natstwin::runner {
namespace {

constexpr int poll_ms = 10;
constexpr int connect_timeout_ms = 5000;
constexpr int send_timeout_ms = 30000;
constexpr std::size_t read_bytes = 64 << 10;

}  // namespace

std::expected<std::unique_ptr<CaptureProxy>, std::string> CaptureProxy::open(int listen_port,
                                                                             std::string server_host,
                                                                             int server_port) {
  const auto listener = listen_on_loopback(listen_port);
  if (!listener) return std::unexpected(listener.error());
  return std::unique_ptr<CaptureProxy>(
      new CaptureProxy(*listener, local_port_of(*listener), std::move(server_host), server_port));
}

CaptureProxy::CaptureProxy(int listener, int port, std::string server_host, int server_port)
    : listener_(listener), port_(port), server_host_(std::move(server_host)), server_port_(server_port) {}

CaptureProxy::~CaptureProxy() {
  for (const Link& link : links_) {
    close(link.client);
    close(link.server);
  }
  close(listener_);
}

void CaptureProxy::accept_client() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client < 0) return;
  const auto server = connect_to(server_host_, server_port_, 0, connect_timeout_ms);
  if (!server) {
    close(client);
    return;
  }
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  links_.push_back({++accepted_, client, *server});
  captured_.push_back({CapturedBytes::Kind::opened, accepted_, {}});
}

bool CaptureProxy::relay(Link& link, bool from_client) {
  using Kind = CapturedBytes::Kind;
  std::string bytes(read_bytes, '\0');
  const auto got = recv(from_client ? link.client : link.server, bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got > 0) {
    bytes.resize(static_cast<std::size_t>(got));
    captured_.push_back({from_client ? Kind::from_client : Kind::from_server, link.number, bytes});
    // A slow receiver holds up this proxy, which is what it would do to the server.
    if (send_all(from_client ? link.server : link.client, bytes, send_timeout_ms)) return true;
  }
  if (got <= 0)
    captured_.push_back({from_client ? Kind::client_closed : Kind::server_closed, link.number, {}});
  return false;
}

void CaptureProxy::run(const std::function<bool()>& over) {
  while (!over()) {
    std::vector<pollfd> set{{listener_, POLLIN, 0}};
    for (const Link& link : links_) {
      set.push_back({link.client, POLLIN, 0});
      set.push_back({link.server, POLLIN, 0});
    }
    const std::size_t polled = links_.size();
    poll(set.data(), set.size(), poll_ms);
    std::vector<bool> ended(polled);
    for (std::size_t i = 0; i < polled; ++i) {
      // The server first: what it said before a client went on must be known before.
      if (set[2 + 2 * i].revents != 0) ended[i] = !relay(links_[i], false);
      if (!ended[i] && set[1 + 2 * i].revents != 0) ended[i] = !relay(links_[i], true);
    }
    for (std::size_t i = polled; i-- > 0;) {
      if (!ended[i]) continue;
      close(links_[i].client);
      close(links_[i].server);
      links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (set.front().revents != 0) accept_client();
  }
}

}  // namespace natstwin::runner
