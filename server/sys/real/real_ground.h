// The ground of a server that runs for real: threads, epoll through Boost.Asio, POSIX files.
//
// open(), then the caller builds its listeners on loop(0), then run() until stop().
#pragma once

#include <memory>

#include "server/sys/ground.h"

namespace nats::sys {

struct RealGroundOptions {
  int loops = 0;        // 0: one for each core
  int workers_max = 4;  // threads of the worker pool, started when first needed
};

class RealGround : public Ground {
 public:
  static Result<std::unique_ptr<RealGround>> open(RealGroundOptions options = {});

  // Runs loop 0 on the calling thread and each other loop on a thread of its own until stop().
  // After it returns no loop runs and no worker works; once only.
  virtual void run() = 0;
  // From any thread, also before run(), which then returns at once.
  virtual void stop() = 0;
};

}  // namespace nats::sys
