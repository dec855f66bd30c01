// Serves local agents, one for each session, across gRPC.
#pragma once

#include <memory>
#include <string>

#include "conformance/agent/agent.h"

namespace natstwin::agent {

class AgentServer {
 public:
  // `address` is HOST:PORT; port 0 chooses one. Servers under test listen on that host, too.
  static Result<std::unique_ptr<AgentServer>> listen(const std::string& address);
  virtual ~AgentServer() = default;

  virtual int port() const = 0;
  virtual void wait() = 0;  // until stop()
  virtual void stop() = 0;
};

}  // namespace natstwin::agent
