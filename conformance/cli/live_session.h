// Sessions with real clients: servers of our own for that time, the tool that talks to them, and the
// signals that end it.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/agent/agent.h"

namespace natstwin::cli {

struct Address {
  std::string host;
  int port = 0;
};

// Ends with the object.
class OwnServer {
 public:
  explicit OwnServer(agent::Agent& agent) : agent_(agent) {}
  ~OwnServer();
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  std::expected<Address, std::string> start(const std::string& binary, const std::string& config);

 private:
  agent::Agent& agent_;
  std::string directory_;
  int port_ = 0;
  std::optional<agent::Process> process_;
};

// Takes INT and TERM from the default action for the whole program.
class EndSignals {
 public:
  EndSignals();
  bool came();
};

// Calls `serve` until the tool has ended and what it left behind has passed; without a tool, until a
// signal comes. The tool finds the address as {url} in its arguments and as NATS_URL.
std::expected<void, std::string> serve_session(
    agent::Agent& agent, const std::vector<std::string>& command, const std::string& url, EndSignals& signals,
    const std::function<void(const std::function<bool()>& over)>& serve);

}  // namespace natstwin::cli
