// The profiling port of one server, where it has one. On loop 0.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/base/log.h"
#include "server/config/options.h"
#include "server/monitor/profiling/profiling_server.h"
#include "server/sys/ground.h"

namespace nats::app {

class Profiling {
 public:
  // The error's detail is the reference's fatal line.
  static Result<std::unique_ptr<Profiling>> start(sys::Ground& ground, Log& log,
                                                  const config::Options& options,
                                                  std::vector<std::string> command_line);

  std::optional<sys::Endpoint> endpoint() const;

 private:
  std::unique_ptr<monitor::ProfilingServer> http_;
};

// What the reference says where `rate` asks for profiles of locks; ours have none to show.
void warn_of_block_profiling(Log& log, int rate);

}  // namespace nats::app
