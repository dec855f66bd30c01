// Deadlines. A Timer is a member of whoever wants to be woken; arming allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/base/time.h"

namespace nats::sys {

class TimerQueue;

class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();

  virtual void on_timer(Instant now) = 0;

  bool armed() const { return queue_ != nullptr; }
  Instant when() const { return when_; }

 private:
  friend class TimerQueue;
  TimerQueue* queue_ = nullptr;
  std::size_t position_ = 0;
  Instant when_;
};

// A heap of timers that both grounds use. One loop owns it. Timers of equal deadline fire in the
// order in which they were armed.
class TimerQueue {
 public:
  ~TimerQueue();

  // Arms, or moves an armed timer.
  void arm(Timer& timer, Instant when);
  void disarm(Timer& timer);
  bool empty() const { return heap_.empty(); }
  // The earliest deadline; not empty.
  Instant next() const { return heap_.front().when; }
  // Fires one timer whose deadline is not after `now`; false when there is none.
  bool fire_one(Instant now);

 private:
  struct Slot {
    Instant when;
    std::uint64_t order;
    Timer* timer;
  };

  bool before(const Slot& a, const Slot& b) const;
  void sift_up(std::size_t position);
  void sift_down(std::size_t position);
  void place(std::size_t position, Slot slot);

  std::vector<Slot> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace nats::sys
