// Signals of the process, delivered on a loop.
#pragma once

#include <memory>

#include "server/sys/ground.h"
#include "server/sys/real/real_loop.h"

namespace nats::sys {

// The system's number of it.
int signal_number(Signal signal);

class RealSignals {
 public:
  RealSignals(RealLoop& loop, SignalHandler& handler);
  ~RealSignals();

 private:
  struct Waiter;
  std::unique_ptr<Waiter> waiter_;
};

}  // namespace nats::sys
