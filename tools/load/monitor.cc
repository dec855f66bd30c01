// monitor: what an answer of the monitoring port costs, and what it does to messages that flow meanwhile.
//
// Messages flow at the same rate for the same time twice, without requests and with them.
#include <sys/prctl.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tools/load/commands.h"
#include "tools/load/connection.h"
#include "tools/load/failure.h"
#include "tools/load/http_poller.h"
#include "tools/load/open_loop.h"
#include "tools/load/process.h"

namespace natstwin::load {

namespace {

// Two stretches of messages are never quite equal.
double difference(std::uint64_t more, std::uint64_t less) {
  return std::max(0.0, static_cast<double>(more) - static_cast<double>(less));
}

}  // namespace

Report run_monitor(Options& options) {
  const auto port = static_cast<std::uint16_t>(options.required_count("port"));
  const auto monitor_port = static_cast<std::uint16_t>(options.required_count("monitor-port"));
  const Process server(static_cast<pid_t>(options.required_count("pid")));
  const std::uint64_t connections = options.count("connections", 10'000);
  const std::uint64_t requests = options.count("requests", 20);
  const std::string path = options.text("path", "/connz");
  const auto rate = static_cast<double>(options.count("rate", 2000));
  const double warmup = options.seconds("warmup", 0.3);
  const double seconds = options.seconds("seconds", 2);
  const double settle = options.seconds("settle", 4);  // the server's first PINGs are over
  options.check_all_known();
  if (requests == 0 || rate == 0) throw Failure("--requests and --rate must be at least 1");

  prctl(PR_SET_TIMERSLACK, 1UL);  // ns; the default of 50 us would be most of what is measured
  Loop loop(port);
  QuietClient quiet;
  for (std::uint64_t at = 0; at < connections; ++at) loop.connect(quiet);
  OpenLoop messages(loop, {});
  loop.run_for(settle);
  std::uint64_t begin = 0;
  messages.run(rate, warmup, seconds, [&] { begin = server.cpu_ns(); });
  const std::uint64_t without = server.cpu_ns() - begin;
  const Histogram calm = messages.latency();

  std::unique_ptr<HttpPoller> poller;
  messages.run(rate, warmup, seconds, [&] {
    begin = server.cpu_ns();
    poller =
        std::make_unique<HttpPoller>(monitor_port, path, requests, seconds / static_cast<double>(requests));
  });
  poller->finish();
  const std::uint64_t with = server.cpu_ns() - begin;

  Report report;
  report.count("requests", requests)
      .count("answer_bytes", poller->answer_bytes())
      .number("cpu_us_per_request", difference(with, without) / 1e3 / static_cast<double>(requests))
      .latency("request_", poller->durations())
      .latency("", messages.latency())
      .latency("calm_", calm);
  return report;
}

}  // namespace natstwin::load
