// Who gets a subject, remembered by one loop. A slot holds one subject; another that hashes there
// takes it over, memory and all, so a warm cache allocates nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/broker/interest/interest.h"

namespace nats::broker {

class MatchCache {
 public:
  MatchCache();

  // Valid until the next call.
  const MatchResult& find(Interest& interest, std::string_view subject);
  // Lets go of what no longer holds, so that ended subscriptions can die.
  void drop_stale();

 private:
  struct Slot {
    Interest* interest = nullptr;
    std::uint64_t generation = 0;
    std::string subject;
    MatchResult result;
  };

  std::vector<Slot> slots_;
};

}  // namespace nats::broker
