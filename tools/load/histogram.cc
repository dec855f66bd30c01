#include "tools/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace natstwin::load {

namespace {

// Values below 2 * steps have a bucket each; above, every power of two is cut in `steps` buckets.
constexpr std::uint32_t step_bits = 6;
constexpr std::uint32_t steps = 1U << step_bits;
constexpr std::uint32_t bucket_count = (64 - step_bits) * steps + steps;

}  // namespace

Histogram::Histogram() : buckets_(bucket_count, 0) {}

std::uint32_t Histogram::bucket_of(std::uint64_t value) {
  if (value < 2 * steps) return static_cast<std::uint32_t>(value);
  const auto shift = static_cast<std::uint32_t>(std::bit_width(value)) - step_bits - 1;
  return shift * steps + static_cast<std::uint32_t>(value >> shift);
}

std::uint64_t Histogram::upper_bound_of(std::uint32_t bucket) {
  if (bucket < 2 * steps) return bucket;
  const std::uint32_t shift = bucket / steps - 1;
  const std::uint64_t head = bucket - shift * steps;
  return ((head + 1) << shift) - 1;
}

void Histogram::record(std::uint64_t value) {
  ++buckets_[bucket_of(value)];
  ++count_;
  sum_ += static_cast<double>(value);
  max_ = std::max(max_, value);
}

void Histogram::clear() { *this = Histogram(); }

std::uint64_t Histogram::percentile(double fraction) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_));
  const std::uint64_t rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::uint32_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::min(upper_bound_of(bucket), max_);
  }
  return max_;
}

}  // namespace natstwin::load
