// A loop: one thread of the server's work. Everything with state belongs to one loop for life.
//
// A loop runs in rounds: every ready stream is read, due timers and posted tasks run, then the
// RoundHook flushes what the round produced. Work for another loop is posted (control plane) or put
// where that loop's RoundHook finds it, followed by one wake().
#pragma once

#include <functional>

#include "server/base/time.h"
#include "server/sys/timer.h"

namespace nats::sys {

using Task = std::move_only_function<void()>;

// Called on the loop at the end of every round.
class RoundHook {
 public:
  virtual ~RoundHook() = default;
  virtual void on_round_end(Instant now) = 0;
};

class Loop {
 public:
  virtual ~Loop() = default;

  // Position among the ground's loops, 0 first.
  virtual int index() const = 0;
  // The monotonic clock as read at the start of the round: cheap.
  virtual Instant now() const = 0;
  // The monotonic clock as it is now, for measuring round trips.
  virtual Instant now_exact() const = 0;
  virtual WallTime wall_now() const = 0;

  virtual void arm(Timer& timer, Instant when) = 0;
  virtual void disarm(Timer& timer) = 0;

  // From any thread: runs `task` on this loop in a later round. Tasks of one poster keep their order.
  virtual void post(Task task) = 0;
  // From any thread: makes a round happen soon. Cheap when one is already due.
  virtual void wake() = 0;
  virtual bool on_this_loop() const = 0;

  // At most one; null takes it away. Before the loop runs, or on the loop.
  virtual void set_round_hook(RoundHook* hook) = 0;
};

}  // namespace nats::sys
