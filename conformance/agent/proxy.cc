#include "conformance/agent/proxy.h"

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
#include <deque>
#include <list>
#include <thread>

namespace natstwin::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t chunk_bytes = 64 << 10;
constexpr std::size_t pending_bytes_max = 1 << 20;
constexpr int tick_ms = 2;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

struct Chunk {
  std::string bytes;
  Clock::time_point due;
};

// One direction of a connection.
struct Pipe {
  int from = -1;
  int to = -1;
  std::deque<Chunk> chunks;
  std::size_t pending = 0;
  bool ended = false;  // `from` has sent its last byte
  bool closed = false;
};

struct Link {
  int client = -1;
  int server = -1;
  Pipe up;
  Pipe down;
};

class LoopbackProxy final : public FaultProxy {
 public:
  LoopbackProxy(int listener, int port, int target) : listener_(listener), port_(port), target_(target) {
    thread_ = std::thread([this] { serve(); });
  }

  ~LoopbackProxy() override {
    stopping_ = true;
    thread_.join();
    for (Link& link : links_) drop(link);
    close(listener_);
  }

  int port() const override { return port_; }

  void set_fault(Fault fault) override {
    delay_ms_ = fault.delay_ms;
    kind_ = fault.kind;
  }

 private:
  void serve() {
    while (!stopping_) {
      if (kind_ == FaultKind::cut) cut_all();
      std::vector<pollfd> set{{listener_, static_cast<short>(kind_ == FaultKind::block ? 0 : POLLIN), 0}};
      if (kind_ != FaultKind::block) {
        for (const Link& link : links_) {
          if (!link.up.ended && link.up.pending < pending_bytes_max) set.push_back({link.client, POLLIN, 0});
          if (!link.down.ended && link.down.pending < pending_bytes_max)
            set.push_back({link.server, POLLIN, 0});
        }
      }
      poll(set.data(), set.size(), tick_ms);
      if (set.front().revents != 0) accept_one();
      if (kind_ == FaultKind::block) continue;
      for (auto link = links_.begin(); link != links_.end();) {
        pump(link->up);
        pump(link->down);
        const bool over = link->up.closed && link->down.closed;
        if (over) drop(*link);
        link = over ? links_.erase(link) : std::next(link);
      }
    }
  }

  void accept_one() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_);
    if (server < 0 || connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      close(client);
      if (server >= 0) close(server);
      return;
    }
    fcntl(server, F_SETFL, O_NONBLOCK);
    const int on = 1;
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    links_.push_back(
        {client, server, {client, server, {}, 0, false, false}, {server, client, {}, 0, false, false}});
  }

  void pump(Pipe& pipe) {
    read_into(pipe);
    while (!pipe.chunks.empty() && pipe.chunks.front().due <= Clock::now()) {
      Chunk& chunk = pipe.chunks.front();
      const auto sent = send(pipe.to, chunk.bytes.data(), chunk.bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (sent < 0) {
        pipe.chunks.clear();
        pipe.ended = pipe.closed = true;
        return;
      }
      pipe.pending -= static_cast<std::size_t>(sent);
      chunk.bytes.erase(0, static_cast<std::size_t>(sent));
      if (!chunk.bytes.empty()) return;
      pipe.chunks.pop_front();
    }
    if (!pipe.ended || !pipe.chunks.empty() || pipe.closed) return;
    shutdown(pipe.to, SHUT_WR);
    pipe.closed = true;
  }

  void read_into(Pipe& pipe) const {
    if (pipe.ended || pipe.pending >= pending_bytes_max) return;
    std::string bytes(chunk_bytes, '\0');
    const auto got = recv(pipe.from, bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      pipe.ended = true;
      return;
    }
    bytes.resize(static_cast<std::size_t>(got));
    pipe.pending += bytes.size();
    pipe.chunks.push_back({std::move(bytes), Clock::now() + std::chrono::milliseconds(delay_ms_)});
  }

  static void drop(Link& link) {
    close(link.client);
    close(link.server);
  }

  void cut_all() {
    const linger abort{1, 0};
    for (Link& link : links_) {
      setsockopt(link.client, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
      setsockopt(link.server, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
      drop(link);
    }
    links_.clear();
    kind_ = FaultKind::pass;
  }

  int listener_;
  int port_;
  int target_;
  std::list<Link> links_;  // the thread's own
  std::atomic<bool> stopping_ = false;
  std::atomic<FaultKind> kind_ = FaultKind::pass;
  std::atomic<int> delay_ms_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<FaultProxy>> FaultProxy::open(int target_port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 64) != 0 || getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    const std::string reason = strerror(errno);
    if (listener >= 0) close(listener);
    return std::unexpected("cannot open a proxy: " + reason);
  }
  return std::make_unique<LoopbackProxy>(listener, ntohs(address.sin_port), target_port);
}

}  // namespace natstwin::agent
