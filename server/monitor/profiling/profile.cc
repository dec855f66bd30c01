#include "server/monitor/profiling/profile.h"

#include <algorithm>

namespace nats::monitor {

std::int64_t Profile::total() const {
  std::int64_t sum = 0;
  for (const auto& [stack, values] : samples) sum += values.front();
  return sum;
}

Profile difference(const Profile& earlier, const Profile& later) {
  Profile out = later;
  out.duration = later.at - earlier.at;
  for (const auto& [stack, values] : earlier.samples) {
    std::vector<std::int64_t>& left = out.samples[stack];
    left.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) left[i] -= values[i];
  }
  std::erase_if(out.samples, [](const auto& sample) {
    return std::ranges::all_of(sample.second, [](std::int64_t value) { return value == 0; });
  });
  return out;
}

}  // namespace nats::monitor
