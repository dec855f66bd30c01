#include "tools/load/http_poller.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <exception>

#include "tools/load/clock.h"
#include "tools/load/failure.h"

namespace natstwin::load {

namespace {

class Socket {
 public:
  explicit Socket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw Failure(fmt::format("no monitoring port {}", port));
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

std::uint64_t thread_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

void sleep_until(std::uint64_t when_ns) {
  const std::uint64_t now = now_ns();
  if (when_ns <= now) return;
  const timespec left{static_cast<time_t>((when_ns - now) / 1'000'000'000),
                      static_cast<long>((when_ns - now) % 1'000'000'000)};
  ::nanosleep(&left, nullptr);
}

}  // namespace

HttpPoller::HttpPoller(std::uint16_t port, const std::string& path, std::uint64_t requests, double interval)
    : port_(port),
      request_(fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path)),
      thread_([this, requests, interval] { run(requests, interval); }) {}

HttpPoller::~HttpPoller() {
  if (thread_.joinable()) thread_.join();
}

void HttpPoller::finish() {
  thread_.join();
  if (!failure_.empty()) throw Failure(failure_);
}

void HttpPoller::run(std::uint64_t requests, double interval) {
  try {
    for (std::uint64_t at = 0; at < requests; ++at) {
      const std::uint64_t begin = now_ns();
      ask();
      durations_.record(now_ns() - begin);
      sleep_until(begin + static_cast<std::uint64_t>(interval * 1e9));
    }
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
  cpu_ns_ = thread_cpu_ns();
  done_ = true;
}

void HttpPoller::ask() {
  const Socket socket(port_);
  if (::send(socket.fd(), request_.data(), request_.size(), 0) != static_cast<ssize_t>(request_.size()))
    throw Failure("the monitoring port took no request");
  constexpr std::string_view ok = "HTTP/1.1 200 OK\r\n";
  static thread_local std::array<char, 1 << 18> piece;
  answer_.clear();
  answer_bytes_ = 0;
  for (;;) {
    const ssize_t count = ::recv(socket.fd(), piece.data(), piece.size(), 0);
    if (count < 0) throw Failure("an answer of the monitoring port broke off");
    if (count == 0) break;
    if (answer_.size() < ok.size()) answer_.append(piece.data(), static_cast<std::size_t>(count));
    answer_bytes_ += static_cast<std::uint64_t>(count);
  }
  if (!answer_.starts_with(ok)) throw Failure("the monitoring port answered " + answer_.substr(0, 40));
}

}  // namespace natstwin::load
