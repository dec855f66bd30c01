// What a stretch of time cost: read start() when warm, stop() when the last message has arrived.
#pragma once

#include <cstdint>

#include "tools/load/process.h"

namespace natstwin::load {

class Report;

class Measurement {
 public:
  explicit Measurement(const Process& server);

  void start();
  void stop();
  double seconds() const;
  // Rates and CPU per message; `messages` is what the figures are divided by.
  void add_to(Report& report, std::uint64_t messages) const;

 private:
  struct Reading {
    std::uint64_t time = 0;
    std::uint64_t server_cpu = 0;
    std::uint64_t own_cpu = 0;
    std::uint64_t machine_busy = 0;
  };

  Reading read() const;

  const Process& server_;
  Reading begin_;
  Reading end_;
};

}  // namespace natstwin::load
