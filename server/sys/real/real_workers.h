// Threads for blocking work.
//
// A thread is started when work arrives and none is idle, up to the maximum; none ends before stop().
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "server/sys/ground.h"

namespace nats::sys {

class RealWorkerPool final : public WorkerPool {
 public:
  explicit RealWorkerPool(int threads_max) : threads_max_(threads_max) {}
  ~RealWorkerPool() override { stop(); }

  void run(Task work, Loop& home, Task done) override;
  // Finishes the work being done and drops the rest, also what comes later.
  void stop();

 private:
  struct Job {
    Task work;
    Loop* home;
    Task done;
  };

  void work_until_stopped();

  const int threads_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_:
  std::deque<Job> jobs_;
  std::vector<std::thread> threads_;
  int idle_ = 0;
  bool stopped_ = false;
};

}  // namespace nats::sys
