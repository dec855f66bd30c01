// Latencies in nanoseconds, counted in buckets that are at most 1/64 wide: percentiles to 1.6%, fixed memory.
#pragma once

#include <cstdint>
#include <vector>

namespace natstwin::load {

class Histogram {
 public:
  Histogram();

  void record(std::uint64_t value);
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_); }
  // The smallest bucket bound that at least `fraction` of the values do not exceed; 0 when empty.
  std::uint64_t percentile(double fraction) const;

 private:
  static std::uint32_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_bound_of(std::uint32_t bucket);

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0.0;
};

}  // namespace natstwin::load
