// Memory for one pending asynchronous operation, kept inside the object that waits, so that waiting
// again allocates nothing. SlotAllocator is what Asio finds as the handler's allocator.
#pragma once

#include <cstddef>
#include <new>

#include "server/base/check.h"

namespace nats::sys {

class OperationSlot {
 public:
  static constexpr std::size_t size = 112;

  void* take(std::size_t bytes) {
    NATS_CHECK(bytes <= size && !taken_);
    taken_ = true;
    return memory_;
  }
  void give_back() { taken_ = false; }

 private:
  alignas(std::max_align_t) unsigned char memory_[size];
  bool taken_ = false;
};

template <class T>
class SlotAllocator {
 public:
  using value_type = T;

  explicit SlotAllocator(OperationSlot& slot) : slot_(&slot) {}
  template <class U>
  SlotAllocator(const SlotAllocator<U>& other) : slot_(other.slot_) {}

  T* allocate(std::size_t count) { return static_cast<T*>(slot_->take(count * sizeof(T))); }
  void deallocate(T*, std::size_t) { slot_->give_back(); }

  friend bool operator==(const SlotAllocator&, const SlotAllocator&) = default;

 private:
  template <class U>
  friend class SlotAllocator;
  OperationSlot* slot_;
};

}  // namespace nats::sys
