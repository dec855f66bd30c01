#include "server/sys/timer.h"

#include "server/base/check.h"

namespace nats::sys {

Timer::~Timer() {
  if (queue_) queue_->disarm(*this);
}

TimerQueue::~TimerQueue() {
  for (Slot& slot : heap_) slot.timer->queue_ = nullptr;
}

bool TimerQueue::before(const Slot& a, const Slot& b) const {
  return a.when != b.when ? a.when < b.when : a.order < b.order;
}

void TimerQueue::place(std::size_t position, Slot slot) {
  heap_[position] = slot;
  slot.timer->position_ = position;
}

void TimerQueue::sift_up(std::size_t position) {
  Slot slot = heap_[position];
  while (position > 0) {
    std::size_t parent = (position - 1) / 2;
    if (!before(slot, heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, slot);
}

void TimerQueue::sift_down(std::size_t position) {
  Slot slot = heap_[position];
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], slot)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, slot);
}

void TimerQueue::arm(Timer& timer, Instant when) {
  NATS_CHECK(timer.queue_ == nullptr || timer.queue_ == this);
  timer.when_ = when;
  if (timer.queue_) {
    Slot& slot = heap_[timer.position_];
    slot.when = when;
    slot.order = next_order_++;
    sift_up(timer.position_);
    sift_down(timer.position_);
    return;
  }
  timer.queue_ = this;
  heap_.push_back(Slot{when, next_order_++, &timer});
  timer.position_ = heap_.size() - 1;
  sift_up(timer.position_);
}

void TimerQueue::disarm(Timer& timer) {
  if (!timer.queue_) return;
  NATS_CHECK(timer.queue_ == this);
  std::size_t position = timer.position_;
  Slot last = heap_.back();
  heap_.pop_back();
  timer.queue_ = nullptr;
  if (last.timer == &timer) return;
  place(position, last);
  sift_up(position);
  sift_down(last.timer->position_);
}

bool TimerQueue::fire_one(Instant now) {
  if (heap_.empty() || now < heap_.front().when) return false;
  Timer& timer = *heap_.front().timer;
  disarm(timer);
  timer.on_timer(now);
  return true;
}

}  // namespace nats::sys
