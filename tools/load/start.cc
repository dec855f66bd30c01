// start: from fork() to a port that accepts and to the log line that says ready; then what the server takes
// in memory and CPU with nothing to do.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tools/load/child.h"
#include "tools/load/clock.h"
#include "tools/load/commands.h"
#include "tools/load/connection.h"
#include "tools/load/failure.h"
#include "tools/load/process.h"

namespace natstwin::load {

namespace {

constexpr std::string_view ready_line = "Server is ready";
constexpr std::uint64_t probe_interval_ns = 200'000;
constexpr double ready_seconds = 20;

// A connection to a port that nobody listens on is refused at once, so this neither blocks nor disturbs.
bool accepts(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail_with_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

struct StartTimes {
  std::uint64_t accepting_ns = 0;
  std::uint64_t logged_ns = 0;
};

StartTimes wait_until_ready(Child& server, std::uint16_t port) {
  StartTimes times;
  const std::uint64_t give_up = server.started_ns() + seconds_to_ns(ready_seconds);
  while (times.accepting_ns == 0 || times.logged_ns == 0) {
    const std::string& log = server.wait_for_log(probe_interval_ns);
    const bool logged = log.find(ready_line) != std::string::npos;
    if (times.logged_ns == 0 && logged) times.logged_ns = now_ns();
    if (times.accepting_ns == 0 && accepts(port)) times.accepting_ns = now_ns();
    if (!server.running()) throw Failure("the server ended by itself: " + server.wait_for_log(0));
    if (now_ns() > give_up) throw Failure("the server did not become ready: " + log);
  }
  times.accepting_ns -= server.started_ns();
  times.logged_ns -= server.started_ns();
  return times;
}

}  // namespace

Report run_start(Options& options) {
  const auto port = static_cast<std::uint16_t>(options.required_count("port"));
  const double settle = options.seconds("settle", 1);
  const double hold = options.seconds("hold", 0);
  options.check_all_known();

  Child child(options.rest());
  const StartTimes times = wait_until_ready(child, port);
  const Process server(child.pid());
  const std::uint64_t start_cpu = server.cpu_ns();
  usleep(static_cast<useconds_t>(settle * 1e6));
  const MemoryUse fresh = server.memory();
  Report report;
  report.number("accepting_ms", static_cast<double>(times.accepting_ns) / 1e6)
      .number("ready_ms", static_cast<double>(times.logged_ns) / 1e6)
      .number("start_cpu_ms", static_cast<double>(start_cpu) / 1e6)
      .count("rss", fresh.resident)
      .count("anonymous", fresh.anonymous);
  if (hold > 0) {
    const std::uint64_t cpu = server.cpu_ns();
    const std::uint64_t time = now_ns();
    usleep(static_cast<useconds_t>(hold * 1e6));
    const auto elapsed = static_cast<double>(now_ns() - time);
    report.number("idle_cpu_us_per_second", static_cast<double>(server.cpu_ns() - cpu) / elapsed * 1e6);
  }
  return report;
}

}  // namespace natstwin::load
