// Waits for work on several loops: the last one to arrive makes `done` run on the home loop.
// Whoever is to arrive() holds it by shared_ptr; each arrives exactly once.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "server/sys/loop.h"

namespace nats::broker {

class Barrier {
 public:
  // `expected` is at least 1.
  Barrier(sys::Loop& home, int expected, sys::Task done)
      : home_(home), left_(expected), done_(std::move(done)) {}

  // One more is to arrive. Only by somebody who has not arrived yet.
  void expect_another() { left_.fetch_add(1, std::memory_order_relaxed); }
  // From any thread.
  void arrive() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) home_.post(std::move(done_));
  }

 private:
  sys::Loop& home_;
  std::atomic<int> left_;
  sys::Task done_;
};

}  // namespace nats::broker
