// How many in a second: windows of a second that begin with the first after the last one's end, as the
// reference counts. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>

#include "server/base/time.h"

namespace nats::broker {

class RateLimit {
 public:
  // Is there room for one more at `now`? `max` 0: always.
  bool allow(std::int64_t max, Instant now);
  // How many were refused since the last call.
  std::uint64_t take_refused();

 private:
  std::mutex mutex_;
  // Under mutex_:
  std::int64_t count_ = 0;
  std::uint64_t refused_ = 0;
  Instant window_end_;
};

}  // namespace nats::broker
