// latency: an open loop.
//
// pair: one publisher, one subscriber. fanout: the same with many. request: through a responder and back.
#include <sys/prctl.h>

#include <string>

#include "tools/load/commands.h"
#include "tools/load/failure.h"
#include "tools/load/measurement.h"
#include "tools/load/open_loop.h"

namespace natstwin::load {

namespace {

Pattern read_pattern(Options& options) {
  const std::string name = options.text("pattern", "pair");
  Pattern pattern{.request = name == "request",
                  .subscribers = options.count("subscribers", name == "fanout" ? 100 : 1),
                  .payload_size = options.count("payload", 16)};
  if (name != "pair" && name != "fanout" && name != "request") throw Failure("unknown pattern " + name);
  if (name == "request") pattern.subscribers = 1;
  if (pattern.subscribers == 0) throw Failure("--subscribers must be at least 1");
  if (pattern.payload_size < sizeof(std::uint64_t)) throw Failure("--payload must hold a time, 8 bytes");
  return pattern;
}

}  // namespace

Report run_latency(Options& options) {
  const auto port = static_cast<std::uint16_t>(options.required_count("port"));
  const Process server(static_cast<pid_t>(options.required_count("pid")));
  const Pattern pattern = read_pattern(options);
  const std::uint64_t rate = options.count("rate", 20'000);
  const double warmup = options.seconds("warmup", 0.3);
  const double seconds = options.seconds("seconds", 1.5);
  options.check_all_known();
  if (rate == 0) throw Failure("--rate must be at least 1");

  prctl(PR_SET_TIMERSLACK, 1UL);  // ns; the default of 50 us would be most of what is measured
  Loop loop(port);
  OpenLoop open_loop(loop, pattern);
  Measurement measurement(server);
  const std::uint64_t messages =
      open_loop.run(static_cast<double>(rate), warmup, seconds, [&] { measurement.start(); });
  measurement.stop();
  Report report;
  measurement.add_to(report, messages);
  report.latency("", open_loop.latency()).latency("late_", open_loop.lateness());
  return report;
}

}  // namespace natstwin::load
