// The processes of a local agent.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "conformance/agent/agent.h"
#include "conformance/agent/spawner.h"

namespace natstwin::agent {

class Processes {
 public:
  Processes() = default;
  // Kills what still runs, with its children.
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  Result<Process> start(const ProcessSpec& spec);
  Result<void> signal(std::uint64_t process, int number);
  Result<std::optional<ExitStatus>> wait(std::uint64_t process, int timeout_ms);

 private:
  struct Child {
    int pid = 0;
    int descriptor = -1;  // readable when the process has ended
    std::mutex mutex;     // guards exit and the reaping
    std::optional<ExitStatus> exit;
  };

  std::shared_ptr<Child> find(std::uint64_t process);
  static std::optional<ExitStatus> reap(Child& child);

  std::mutex mutex_;
  // Held by mutex_:
  std::map<std::uint64_t, std::shared_ptr<Child>> children_;
  std::uint64_t next_id_ = 1;
  Spawner spawner_;
};

}  // namespace natstwin::agent
