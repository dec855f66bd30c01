#include "server/sys/real/clocks.h"

#include <time.h>

namespace nats::sys {

namespace {

std::int64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Instant read_monotonic_clock() { return {read_clock_ns(CLOCK_MONOTONIC)}; }
WallTime read_wall_clock() { return {read_clock_ns(CLOCK_REALTIME)}; }

}  // namespace nats::sys
