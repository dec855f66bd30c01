// A loop of the real ground: one io_context run in rounds by one thread.
//
// Order of calls: construct on any thread; use before run() from that thread only; run() on the
// loop's thread; post(), wake() and stop() from any thread; destroy after run() returned.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "server/sys/loop.h"

namespace boost::asio {
class io_context;
}

namespace nats::sys {

class RealLoop final : public Loop {
 public:
  explicit RealLoop(int index);
  ~RealLoop() override;

  int index() const override { return index_; }
  Instant now() const override { return now_; }
  Instant now_exact() const override;
  WallTime wall_now() const override;
  void arm(Timer& timer, Instant when) override { timers_.arm(timer, when); }
  void disarm(Timer& timer) override { timers_.disarm(timer); }
  void post(Task task) override;
  void wake() override;
  bool on_this_loop() const override;
  void set_round_hook(RoundHook* hook) override { hook_ = hook; }

  void run();
  void stop();
  // Destroys what was posted and will never run; it may own streams of other loops.
  void drop_posted();
  bool running() const { return running_.load(std::memory_order_acquire); }

  boost::asio::io_context& io() { return *io_; }
  // Every completion handler calls it first: the clock is read once per round, after the wait.
  void enter() {
    if (now_is_stale_) refresh_now();
  }

  // The buffer all streams of this loop read into, one after the other.
  static constexpr std::size_t read_buffer_size = 64 * 1024;
  char* read_buffer() { return read_buffer_.get(); }

 private:
  struct Waker;

  void refresh_now();
  void wait_for_events();
  void poll_more_events();
  bool more_events_likely() const;
  void fire_timers();
  void run_posted();

  const int index_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Waker> waker_;
  std::unique_ptr<char[]> read_buffer_;
  TimerQueue timers_;
  RoundHook* hook_ = nullptr;
  Instant now_;
  bool now_is_stale_ = false;
  // How the last wait and the last poll went: see more_events_likely().
  Instant wait_begin_;
  bool waited_ = false;
  bool poll_found_events_ = false;
  std::vector<Task> running_tasks_;

  std::atomic<bool> running_{false};
  std::atomic<bool> stopped_{false};
  // Somebody wants a round. Cleared at the start of the part of the round that serves wakes.
  std::atomic<bool> wake_pending_{false};
  // The thread is in, or about to enter, the blocking wait.
  std::atomic<bool> waiting_{false};

  std::mutex posted_mutex_;
  // Under posted_mutex_:
  std::vector<Task> posted_;
};

}  // namespace nats::sys
