// Messages that are due at fixed times, whatever the server does. A latency runs from the time a message was
// due, so a server that makes the generator wait does not hide it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tools/load/connection.h"
#include "tools/load/histogram.h"
#include "tools/load/responder.h"

namespace natstwin::load {

struct Pattern {
  bool request = false;
  std::size_t subscribers = 1;
  std::size_t payload_size = 16;
};

// Both ends of the path: publishes payloads that begin with the time they were due, records them on arrival.
class Stopwatch : public Client {
 public:
  // From now on only messages that are due at `due_ns` or later count, in a histogram of their own.
  void record_from(std::uint64_t due_ns);
  void on_message(Connection&, const Frame& frame) override;
  std::uint64_t received() const { return received_; }
  const Histogram& histogram() const { return histogram_; }

 private:
  Histogram histogram_;
  std::uint64_t received_ = 0;
  std::uint64_t record_from_ns_ = 0;
};

class OpenLoop {
 public:
  // Connects; publisher and subscribers live as long as `loop`.
  OpenLoop(Loop& loop, const Pattern& pattern);

  // Calls `on_warm` when the first `warmup` seconds are over. Gives the number of messages after that. May be
  // called again.
  std::uint64_t run(double rate, double warmup, double seconds, const std::function<void()>& on_warm);

  // Of the last run.
  const Histogram& latency() const { return stopwatch_.histogram(); }
  const Histogram& lateness() const { return lateness_; }

 private:
  void publish(std::uint64_t due, std::uint64_t sequence);

  Loop& loop_;
  Pattern pattern_;
  Responder responder_;
  Stopwatch stopwatch_;
  Histogram lateness_;  // of the generator itself: how long after a message was due it was handed over
  Connection* publisher_ = nullptr;
  std::string padding_;
  std::string frame_;
};

}  // namespace natstwin::load
