// What is still to happen in a simulated world, earliest first; events of equal time come in the
// order in which they were scheduled.
#pragma once

#include <cstdint>
#include <vector>

#include "server/base/time.h"

namespace nats::sys {

enum class EventKind : std::uint8_t {
  loop_round,  // target: loop
  bytes,       // target: side of a connection; amount: how many of the bytes under way arrive
  end,         // target: side; the peer's FIN arrives
  reset,       // target: side; the peer's RST arrives
  space,       // target: side; news that the peer has read
  unpark,      // target: side; what a partition held back arrives
  call,        // target: slot of a stored call
};

struct Event {
  Instant at;
  std::uint64_t order;
  std::uint32_t target;
  std::uint32_t generation;  // of the target when the event was scheduled: a newer target ignores it
  std::uint32_t amount;
  EventKind kind;
};

// A heap with four children per node: shallower, and siblings share a cache line or two.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  const Event& front() const { return heap_.front(); }
  void push(Event event);
  Event pop();

 private:
  static bool before(const Event& a, const Event& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  }

  std::vector<Event> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace nats::sys
