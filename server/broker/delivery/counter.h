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

// What one loop has counted of one account's messages.
struct Traffic {
  Counter in_msgs;
  Counter in_bytes;
  Counter out_msgs;
  Counter out_bytes;
};

struct TrafficSum {
  std::int64_t in_msgs = 0;
  std::int64_t in_bytes = 0;
  std::int64_t out_msgs = 0;
  std::int64_t out_bytes = 0;

  TrafficSum& operator+=(const Traffic& counts) {
    in_msgs += counts.in_msgs.get();
    in_bytes += counts.in_bytes.get();
    out_msgs += counts.out_msgs.get();
    out_bytes += counts.out_bytes.get();
    return *this;
  }
  TrafficSum& operator+=(const TrafficSum& other) {
    in_msgs += other.in_msgs;
    in_bytes += other.in_bytes;
    out_msgs += other.out_msgs;
    out_bytes += other.out_bytes;
    return *this;
  }
};

}  // namespace nats::broker
