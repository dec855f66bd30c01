// The clock, the event queue, chance and the event hash of one simulated world: what its loops,
// network and disks share. One thread only.
#pragma once

#include <utility>
#include <vector>

#include "server/base/bytes.h"
#include "server/sys/loop.h"
#include "server/sys/sim/event_queue.h"
#include "server/sys/sim/random.h"
#include "server/sys/sim/sim_options.h"

namespace nats::sys {

class SimLoop;

class SimCore {
 public:
  explicit SimCore(const SimOptions& options);

  const SimOptions& options() const { return options_; }
  Random& random() { return random_; }
  Instant now() const { return now_; }
  void set_now(Instant now) { now_ = now; }
  WallTime wall_now() const { return options_.wall_start + (now_ - Instant{}); }

  void schedule(Instant at, EventKind kind, std::uint32_t target, std::uint32_t generation,
                std::uint32_t amount = 0) {
    queue_.push(Event{at, 0, target, generation, amount, kind});
  }
  // Calls `task` at `at`, on no loop.
  void call_at(Instant at, Task task);
  void run_call(const Event& event);
  void drop_calls() { std::exchange(calls_, {}).clear(); }
  EventQueue& queue() { return queue_; }

  Duration draw(Duration low, Duration high) { return {random_.between(low.ns, high.ns)}; }
  bool draw_torn() { return random_.one_in(options_.torn_one_in); }

  // The hash of everything that happened.
  void fold(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9fb21c651e98df25u;
    hash_ ^= hash_ >> 32;
  }
  void fold_bytes(Bytes bytes);
  std::uint64_t hash() const { return hash_; }

  // Loops have numbers, given in the order in which they are made and never given again.
  std::uint32_t add_loop(SimLoop& loop);
  void remove_loop(std::uint32_t number) { loops_[number] = nullptr; }
  SimLoop* loop(std::uint32_t number) { return loops_[number]; }

  // The loop whose round is running; null outside rounds.
  SimLoop* current_loop = nullptr;

 private:
  struct StoredCall {
    Task task;
    std::uint32_t generation = 0;
  };

  SimOptions options_;
  Random random_;
  Instant now_;
  EventQueue queue_;
  std::uint64_t hash_ = 0;
  std::vector<SimLoop*> loops_;
  std::vector<StoredCall> calls_;
  std::vector<std::uint32_t> free_calls_;
};

}  // namespace nats::sys
