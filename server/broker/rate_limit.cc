#include "server/broker/rate_limit.h"

#include <utility>

namespace nats::broker {
namespace {

constexpr Duration window = Duration::from_seconds(1);

}  // namespace

bool RateLimit::allow(std::int64_t max, Instant now) {
  if (max <= 0) return true;
  std::lock_guard lock(mutex_);
  if (now > window_end_) {
    count_ = 0;
    window_end_ = now + window;
  } else {
    ++count_;
  }
  if (count_ < max) return true;
  ++refused_;
  return false;
}

std::uint64_t RateLimit::take_refused() {
  std::lock_guard lock(mutex_);
  return std::exchange(refused_, 0);
}

}  // namespace nats::broker
