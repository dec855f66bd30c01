// How often each endpoint was asked, as /varz shows it. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "server/monitor/endpoints.h"

namespace nats::monitor {

class RequestStats {
 public:
  RequestStats();

  void count(const Endpoint& endpoint);
  // By the path they are counted as; those that were never asked are left out.
  std::map<std::string, std::uint64_t> counts() const;

 private:
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  // one for each endpoint
};

}  // namespace nats::monitor
