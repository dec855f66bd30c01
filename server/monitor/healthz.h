// /healthz: whether this server does its work.
#pragma once

#include <expected>
#include <string>

#include "server/monitor/http_params.h"
#include "server/monitor/snapshot.h"

namespace nats::monitor {

struct HealthzOptions {
  bool js_enabled = false;  // the deprecated spelling of js_enabled_only
  bool js_enabled_only = false, js_server_only = false, js_meta_only = false;
  std::string account, stream, consumer;
  bool details = false;
};

struct Health {
  int status = 200;
  std::string json;     // without the status, as HTTP shows it
  std::string warning;  // for the log; "" when healthy
};

// An error is the text of an answer of status 400.
std::expected<HealthzOptions, std::string> parse_healthz_options(const HttpParams& params);

Health healthz(const ServerSnapshot& server, const HealthzOptions& options);

}  // namespace nats::monitor
