#include "server/app/profiling.h"

#include <fmt/core.h>

#include <cstdint>
#include <limits>
#include <utility>

namespace nats::app {

Result<std::unique_ptr<Profiling>> Profiling::start(sys::Ground& ground, Log& log,
                                                    const config::Options& options,
                                                    std::vector<std::string> command_line) {
  auto profiling = std::unique_ptr<Profiling>(new Profiling());
  if (options.prof_port != 0) {
    if (!ground.diagnostics())
      return fail(ErrorCode::unsupported, "error starting profiler: not available on this ground");
    const int port = options.prof_port == -1 ? 0 : options.prof_port;
    if (port < 0 || port > std::numeric_limits<std::uint16_t>::max())
      return fail(ErrorCode::address_invalid,
                  fmt::format("error starting profiler: listen tcp: address {}: invalid port", port));
    auto started = monitor::ProfilingServer::start(ground, ground.loop(0),
                                                   {options.host, static_cast<std::uint16_t>(port)}, log,
                                                   std::move(command_line));
    if (!started)
      return fail(started.error().code, fmt::format("error starting profiler: {}", started.error().detail));
    profiling->http_ = std::move(*started);
    log.info("profiling port: {}", profiling->endpoint()->port);
  }
  warn_of_block_profiling(log, options.prof_block_rate);
  return profiling;
}

std::optional<sys::Endpoint> Profiling::endpoint() const {
  if (!http_) return {};
  return http_->local();
}

void warn_of_block_profiling(Log& log, int rate) {
  if (rate > 0) log.warning("Block profiling is enabled (rate {}), this may have a performance impact", rate);
}

}  // namespace nats::app
