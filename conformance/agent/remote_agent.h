// The agent behind an address, across gRPC.
#pragma once

#include <memory>

#include "conformance/agent/agent.h"

namespace natstwin::agent {

// `address` is HOST:PORT, with an IPv4 address as host. Opens a session, which ends with the object.
Result<std::unique_ptr<Agent>> connect_to_agent(const std::string& address);

}  // namespace natstwin::agent
