// The side of a connection that every loop may write to. The other side, the session, belongs to
// the connection's loop alone.
//
// An outlet outlives its connection for as long as a cached match names it; closed, it takes
// nothing more.
#pragma once

#include <mutex>
#include <utility>

#include "server/base/time.h"
#include "server/broker/interest/subscription.h"

namespace nats::broker {

class LoopBroker;

class Outlet : public Subscriber {
 public:
  explicit Outlet(LoopBroker& home) : home_(home) {}

  LoopBroker& home() const { return home_; }

  // On the home loop, at the end of a round in which something was appended.
  virtual void flush(Instant now) = 0;

 protected:
  // Under the lock: true for the one who must tell the home loop.
  bool take_dirty() { return !std::exchange(dirty_, true); }
  void clear_dirty() { dirty_ = false; }

  std::mutex mutex_;

 private:
  LoopBroker& home_;
  bool dirty_ = false;  // under mutex_
};

}  // namespace nats::broker
