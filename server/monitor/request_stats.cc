#include "server/monitor/request_stats.h"

namespace nats::monitor {

RequestStats::RequestStats() : counts_(new std::atomic<std::uint64_t>[endpoints().size()] {}) {}

void RequestStats::count(const Endpoint& endpoint) {
  if (!endpoint.counted_as.empty())
    counts_[static_cast<std::size_t>(&endpoint - endpoints().data())].fetch_add(1, std::memory_order_relaxed);
}

std::map<std::string, std::uint64_t> RequestStats::counts() const {
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t i = 0; i < endpoints().size(); ++i)
    if (const std::uint64_t count = counts_[i].load(std::memory_order_relaxed))
      counts[std::string(endpoints()[i].counted_as)] += count;
  return counts;
}

}  // namespace nats::monitor
