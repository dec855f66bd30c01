#include "server/sys/sim/sim_core.h"

#include <cstring>

#include "server/base/check.h"

namespace nats::sys {

SimCore::SimCore(const SimOptions& options)
    : options_(options), random_(options.seed), now_{1'000'000'000}, hash_(0x243f6a8885a308d3u) {}

void SimCore::call_at(Instant at, Task task) {
  std::uint32_t slot;
  if (free_calls_.empty()) {
    slot = static_cast<std::uint32_t>(calls_.size());
    calls_.emplace_back();
  } else {
    slot = free_calls_.back();
    free_calls_.pop_back();
  }
  calls_[slot].task = std::move(task);
  schedule(at, EventKind::call, slot, calls_[slot].generation);
}

void SimCore::run_call(const Event& event) {
  StoredCall& call = calls_[event.target];
  NATS_CHECK(call.generation == event.generation);
  Task task = std::move(call.task);
  call.task = nullptr;
  ++call.generation;
  free_calls_.push_back(event.target);
  task();
}

void SimCore::fold_bytes(Bytes bytes) {
  fold(bytes.size());
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    fold(word);
    bytes.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  fold(rest);
}

std::uint32_t SimCore::add_loop(SimLoop& loop) {
  loops_.push_back(&loop);
  return static_cast<std::uint32_t>(loops_.size() - 1);
}

}  // namespace nats::sys
