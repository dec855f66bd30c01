#include "server/sys/sim/event_queue.h"

#include <algorithm>

namespace nats::sys {

namespace {
constexpr std::size_t children = 4;
}

void EventQueue::push(Event event) {
  event.order = next_order_++;
  std::size_t position = heap_.size();
  heap_.push_back(event);
  while (position > 0) {
    std::size_t parent = (position - 1) / children;
    if (!before(event, heap_[parent])) break;
    heap_[position] = heap_[parent];
    position = parent;
  }
  heap_[position] = event;
}

Event EventQueue::pop() {
  Event first = heap_.front();
  Event last = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) return first;
  std::size_t position = 0;
  for (;;) {
    std::size_t begin = position * children + 1;
    if (begin >= heap_.size()) break;
    std::size_t end = std::min(begin + children, heap_.size());
    std::size_t least = begin;
    for (std::size_t child = begin + 1; child < end; ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], last)) break;
    heap_[position] = heap_[least];
    position = least;
  }
  heap_[position] = last;
  return first;
}

}  // namespace nats::sys
