// A count that one loop writes and any thread reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace nats::broker {

class Counter {
 public:
  // Only by the owner: no locked instruction.
  void add(std::int64_t count) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::int64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// What /varz sums over the loops.
struct Traffic {
  Counter in_msgs;
  Counter in_bytes;
  Counter out_msgs;
  Counter out_bytes;
};

}  // namespace nats::broker
