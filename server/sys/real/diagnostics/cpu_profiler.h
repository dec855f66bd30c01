// Samples what this process spends CPU time on: SIGPROF a hundred times for each second of it.
#pragma once

#include "server/sys/diagnostics.h"

namespace nats::sys {

// Thread-safe. One profile at a time.
class CpuProfiler {
 public:
  static constexpr Duration period = Duration::from_ms(10);

  Result<void> start();
  CpuProfile stop();
};

}  // namespace nats::sys
