// Lame duck mode: the server takes no more clients, tells those it has, gives them the grace period and
// then closes them one after the other (options lame_duck_duration, lame_duck_grace_period).
//
// On loop 0. begin() once; `done` runs when the last client was closed.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "server/base/time.h"
#include "server/sys/timer.h"

namespace nats::broker {
class Broker;
}

namespace nats::app {

class LameDuck final : private sys::Timer {
 public:
  LameDuck(broker::Broker& broker, std::function<void()> done);

  // The listeners are closed already.
  void begin();

 private:
  struct Victim {
    int loop = 0;
    std::uint64_t client_id = 0;
  };

  void on_timer(Instant now) override;
  void wait_for_grace();
  void begin_closing();
  void close_next();

  broker::Broker& broker_;
  std::function<void()> done_;
  std::vector<Victim> victims_;  // closed from the back
  Duration interval_;
  std::size_t batch_ = 1;
  int loops_left_ = 0;
  bool closing_ = false;
};

}  // namespace nats::app
