#include "server/sys/real/real_workers.h"

#include <system_error>

#include "server/base/check.h"

namespace nats::sys {

void RealWorkerPool::run(Task work, Loop& home, Task done) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  jobs_.push_back(Job{std::move(work), &home, std::move(done)});
  bool need_thread = static_cast<std::size_t>(idle_) < jobs_.size();
  if (!need_thread || threads_.size() == static_cast<std::size_t>(threads_max_)) return changed_.notify_one();
  try {
    threads_.emplace_back([this] { work_until_stopped(); });
  } catch (const std::system_error&) {  // the system has no thread to give: those that exist must do
    NATS_CHECK(!threads_.empty());
  }
}

void RealWorkerPool::stop() {
  std::vector<std::thread> threads;
  std::deque<Job> dropped;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    threads.swap(threads_);
    dropped.swap(jobs_);
    changed_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
}

void RealWorkerPool::work_until_stopped() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (jobs_.empty() && !stopped_) {
      ++idle_;
      changed_.wait(lock);
      --idle_;
    }
    if (stopped_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job.work();
    job.work = nullptr;
    job.home->post(std::move(job.done));
    lock.lock();
  }
}

}  // namespace nats::sys
