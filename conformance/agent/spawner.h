// Starts processes that cannot outlive this one. The kernel's parent-death signal is tied to the
// thread that forked, so one thread, alive as long as the spawner, forks for everybody.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "conformance/agent/agent.h"

namespace natstwin::agent {

class Spawner {
 public:
  Spawner();
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  // The pid. The process leads a group of its own, so that its children can be ended with it.
  Result<int> spawn(const ProcessSpec& spec);

 private:
  void serve();

  std::mutex mutex_;
  // Held by mutex_:
  std::deque<std::function<void()>> work_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace natstwin::agent
