// Free TCP ports, shared fairly between all runs on this machine by locked files.
#pragma once

#include <map>
#include <mutex>

#include "conformance/agent/agent.h"

namespace natstwin::agent {

class Ports {
 public:
  Ports() = default;
  ~Ports();
  Ports(const Ports&) = delete;
  Ports& operator=(const Ports&) = delete;

  Result<int> reserve(std::uint64_t seed);
  void release(int port);
  static Result<bool> is_listening(int port);

 private:
  std::mutex mutex_;
  std::map<int, int> locks_;  // held by mutex_: port to descriptor of its locked file
};

}  // namespace natstwin::agent
