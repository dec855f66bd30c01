// handshakes: what a TLS client costs that connects, shakes hands, says hello and leaves.
#include "tools/load/commands.h"
#include "tools/load/connection.h"
#include "tools/load/failure.h"
#include "tools/load/measurement.h"

namespace natstwin::load {

Report run_handshakes(Options& options) {
  const auto port = static_cast<std::uint16_t>(options.required_count("port"));
  const Process server(static_cast<pid_t>(options.required_count("pid")));
  const std::uint64_t count = options.count("count", 1000);
  const std::uint64_t warmup = options.count("warmup-count", 50);
  options.check_all_known();
  if (count == 0) throw Failure("--count must be at least 1");

  Loop loop(port, Transport::tls);
  QuietClient quiet;
  auto connect = [&](std::uint64_t times) {
    for (std::uint64_t at = 0; at < times; ++at) loop.close(loop.connect(quiet));
  };
  connect(warmup);
  Measurement measurement(server);
  measurement.start();
  connect(count);
  measurement.stop();
  Report report;
  measurement.add_to(report, count);
  return report;
}

}  // namespace natstwin::load
