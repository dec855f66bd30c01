#include "tools/load/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tools/load/clock.h"
#include "tools/load/failure.h"
#include "tools/load/options.h"

namespace natstwin::load {

namespace {

constexpr std::size_t read_size = 256 * 1024;
constexpr double handshake_seconds = 10;
constexpr std::string_view hello =
    "CONNECT "
    "{\"verbose\":false,\"pedantic\":false,\"lang\":\"natstwin-load\",\"version\":\"1\",\"protocol\":1,"
    "\"headers\":true,\"no_responders\":true}\r\nPING\r\n";

int open_socket(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail_with_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    close(fd);
    errno = error;
    fail_with_errno("connect");
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace

void Client::on_ping(Connection& connection) { connection.send("PONG\r\n"); }

void QuietClient::on_message(Connection&, const Frame& frame) {
  throw Failure("message to a connection without subscriptions, on " + std::string(frame.subject));
}

Connection::Connection(Loop& loop, int fd, Client& client) : loop_(loop), fd_(fd), client_(client) {}

Connection::~Connection() { ::close(fd_); }

void Connection::send(std::string_view bytes) {
  outbox_.append(bytes);
  if (!needs_flush_) {
    needs_flush_ = true;
    loop_.dirty_.push_back(this);
  }
}

std::size_t Connection::send_now(std::string_view bytes) {
  if (tls_) {
    const std::size_t sent = tls_->send(bytes);
    if ((sent < bytes.size() || !tls_->flush()) && !wants_write_) loop_.watch(*this, true);
    return sent;
  }
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) fail_with_errno("send");
      if (!wants_write_) loop_.watch(*this, true);
      return sent;
    }
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

bool Connection::flush() {
  needs_flush_ = false;
  if (tls_ && !tls_->flush()) {
    if (!wants_write_) loop_.watch(*this, true);
    return false;
  }
  if (outbox_empty()) return true;
  outbox_sent_ += send_now(std::string_view(outbox_).substr(outbox_sent_));
  if (!outbox_empty()) return false;
  outbox_.clear();
  outbox_sent_ = 0;
  return true;
}

void Connection::read_some() {
  char* scratch = loop_.scratch_.data();
  const std::size_t kept = carry_.size();
  if (kept + read_size > loop_.scratch_.size()) {
    loop_.scratch_.resize(2 * (kept + read_size));
    scratch = loop_.scratch_.data();
  }
  std::memcpy(scratch, carry_.data(), kept);
  ssize_t count = 0;
  if (tls_) {
    count = static_cast<ssize_t>(tls_->receive(scratch + kept, read_size));
    if (count == 0) return;
  } else {
    count = recv(fd_, scratch + kept, read_size, MSG_DONTWAIT);
  }
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    fail_with_errno("recv");
  }
  if (count == 0) throw Failure("the server closed a connection");
  std::string_view in(scratch, kept + static_cast<std::size_t>(count));
  take_frames(in);
  carry_.assign(in);
}

void Connection::take_frames(std::string_view& in) {
  const bool repeats = client_.takes_repeats();
  Frame frame;
  while (!in.empty()) {
    if (repeats) {
      const std::size_t count = scanner_.take_repeats(in);
      if (count > 0) client_.on_repeats(*this, count);
      if (in.empty()) return;
    }
    switch (scanner_.next(in, frame)) {
      case Scan::need_more:
        return;
      case Scan::malformed:
        throw Failure("malformed bytes from the server: " + std::string(in.substr(0, 100)));
      case Scan::frame:
        break;
    }
    switch (frame.kind) {
      case FrameKind::msg:
        client_.on_message(*this, frame);
        break;
      case FrameKind::ping:
        client_.on_ping(*this);
        break;
      case FrameKind::pong:
        ++pongs_;
        client_.on_pong(*this);
        break;
      case FrameKind::err:
        throw Failure("-ERR " + std::string(frame.text));
      case FrameKind::info:
      case FrameKind::ok:
        break;
    }
  }
}

// Behind INFO, which comes in the clear and alone.
void Connection::start_tls(const TlsContext& context) {
  std::string info;
  while (!info.ends_with("\r\n")) {
    char octet = 0;
    const ssize_t count = recv(fd_, &octet, 1, 0);
    if (count < 0 && errno != EINTR) fail_with_errno("recv");
    if (count == 0) throw Failure("the server closed a connection");
    if (count == 1) info += octet;
  }
  tls_ = std::make_unique<TlsLink>(context, fd_, handshake_seconds);
}

void Connection::handshake() {
  send_now(hello);
  const std::uint64_t give_up = now_ns() + seconds_to_ns(handshake_seconds);
  while (pongs_ == 0) {
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 100) > 0) read_some();
    if (now_ns() > give_up) throw Failure("no PONG to the first PING");
  }
  pongs_ = 0;
}

Loop::Loop(std::uint16_t port, Transport transport)
    : port_(port), epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), scratch_(2 * read_size) {
  if (epoll_fd_ < 0) fail_with_errno("epoll_create1");
  if (transport == Transport::tls) tls_ = std::make_unique<TlsContext>();
}

Loop::Loop(std::uint16_t port) : Loop(port, Transport::plain) {}

Loop::~Loop() {
  connections_.clear();
  ::close(epoll_fd_);
}

Connection& Loop::connect(Client& client) {
  auto connection = std::make_unique<Connection>(*this, open_socket(port_), client);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = connection.get()}};
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, connection->fd_, &event) != 0) fail_with_errno("epoll_ctl");
  if (tls_) connection->start_tls(*tls_);
  connection->handshake();
  connections_.push_back(std::move(connection));
  return *connections_.back();
}

void Loop::close(Connection& connection) {
  std::erase(dirty_, &connection);
  std::erase_if(connections_, [&](const auto& owned) { return owned.get() == &connection; });
}

void Loop::watch(Connection& connection, bool writable) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
  if (writable) event.events |= EPOLLOUT;
  connection.wants_write_ = writable;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, connection.fd_, &event) != 0) fail_with_errno("epoll_ctl");
}

void Loop::flush_all() {
  for (Connection* connection : dirty_) connection->flush();
  dirty_.clear();
}

void Loop::poll(std::uint64_t timeout_ns) {
  flush_all();
  std::array<epoll_event, 256> events;
  const timespec timeout{.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000U),
                         .tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000U)};
  const int count =
      epoll_pwait2(epoll_fd_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) fail_with_errno("epoll_pwait2");
  for (int at = 0; at < count; ++at) {
    auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(at)].data.ptr);
    const std::uint32_t ready = events[static_cast<std::size_t>(at)].events;
    if (ready & EPOLLOUT) {
      watch(connection, false);
      connection.flush();
    }
    if (ready & (EPOLLIN | EPOLLHUP | EPOLLERR)) connection.read_some();
  }
  flush_all();
}

std::uint64_t Loop::deadline_after(double seconds) { return now_ns() + seconds_to_ns(seconds); }

void Loop::wait_or_give_up(std::uint64_t give_up_ns, std::string_view what) {
  poll(1'000'000);
  if (now_ns() > give_up_ns) throw Failure("waited too long for " + std::string(what));
}

void Loop::run_for(double seconds) {
  const std::uint64_t end = deadline_after(seconds);
  for (std::uint64_t now = now_ns(); now < end; now = now_ns()) poll(end - now);
}

void Loop::barrier(const std::vector<Connection*>& connections) {
  std::vector<std::uint64_t> expected;
  for (Connection* connection : connections) {
    expected.push_back(connection->pongs() + 1);
    connection->send("PING\r\n");
  }
  run_until(30, "PONG", [&] {
    for (std::size_t at = 0; at < connections.size(); ++at)
      if (connections[at]->pongs() < expected[at]) return false;
    return true;
  });
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("setrlimit");
}

}  // namespace natstwin::load
