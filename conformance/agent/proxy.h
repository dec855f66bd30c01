// A TCP proxy in front of a port of this machine, on a thread of its own, that can lose its nerve on
// command.
#pragma once

#include <atomic>
#include <memory>

#include "conformance/agent/agent.h"

namespace natstwin::agent {

class FaultProxy {
 public:
  static Result<std::unique_ptr<FaultProxy>> open(int target_port);
  virtual ~FaultProxy() = default;

  virtual int port() const = 0;
  virtual void set_fault(Fault fault) = 0;
};

}  // namespace natstwin::agent
