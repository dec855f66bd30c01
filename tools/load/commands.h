// The commands of natstwin-load. Each reads its options, loads the server on 127.0.0.1, and gives its
// figures.
#pragma once

#include "tools/load/options.h"
#include "tools/load/report.h"

namespace natstwin::load {

Report run_publish(Options& options);
Report run_pair(Options& options);
Report run_request(Options& options);
Report run_latency(Options& options);
Report run_idle(Options& options);
Report run_subscriptions(Options& options);
Report run_handshakes(Options& options);
Report run_monitor(Options& options);
Report run_start(Options& options);
// `violations` is what a correct server makes 0.
Report run_soak(Options& options, std::uint64_t& violations);

}  // namespace natstwin::load
