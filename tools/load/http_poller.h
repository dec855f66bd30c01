// Asks a monitoring port for one path again and again, on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "tools/load/histogram.h"

namespace natstwin::load {

class HttpPoller {
 public:
  // Begins at once: `requests` of them, `interval` seconds from one beginning to the next, or later where an
  // answer takes longer.
  HttpPoller(std::uint16_t port, const std::string& path, std::uint64_t requests, double interval);
  ~HttpPoller();

  bool done() const { return done_; }
  // Waits until all are answered. Failure where one was not answered with 200.
  void finish();

  // After finish().
  const Histogram& durations() const { return durations_; }
  std::uint64_t answer_bytes() const { return answer_bytes_; }  // of the last answer
  std::uint64_t cpu_ns() const { return cpu_ns_; }              // of the thread

 private:
  void run(std::uint64_t requests, double interval);
  void ask();

  std::uint16_t port_;
  std::string request_;
  std::string answer_;
  Histogram durations_;
  std::uint64_t answer_bytes_ = 0;
  std::uint64_t cpu_ns_ = 0;
  std::string failure_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace natstwin::load
