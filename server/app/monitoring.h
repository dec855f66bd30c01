// Monitoring of one server: the HTTP port, and the source that gathers what it shows from the broker.
// On loop 0.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/app/broker_monitor_source.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/monitor/monitor_server.h"
#include "server/monitor/request_stats.h"
#include "server/sys/ground.h"

namespace nats::app {

class Monitoring {
 public:
  // The error's detail is worded as the reference words it.
  static Result<std::unique_ptr<Monitoring>> start(sys::Ground& ground, Log& log, broker::Broker& broker,
                                                   const Ocsp& ocsp, std::vector<std::string> command_line);

  sys::Endpoint endpoint() const { return http_->local(); }

 private:
  Monitoring(broker::Broker& broker, const Ocsp& ocsp) : source_(broker, ocsp) {}

  BrokerMonitorSource source_;
  monitor::RequestStats stats_;
  std::unique_ptr<monitor::MonitorServer> http_;
};

}  // namespace nats::app
