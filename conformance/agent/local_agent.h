// The agent inside this process.
#pragma once

#include <memory>

#include "conformance/agent/agent.h"

namespace natstwin::agent {

// `address` is where servers are to listen and be reached.
std::unique_ptr<Agent> make_local_agent(std::string address = "127.0.0.1");

}  // namespace natstwin::agent
