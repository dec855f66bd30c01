// /metrics, for those who ask for it (`http_metrics: true`): what /varz, /connz, /subsz, /routez and
// /healthz say, under the names that prometheus-nats-exporter gives it. Nothing in it grows with
// clients, accounts or subjects.
#pragma once

#include <string>
#include <string_view>

#include "server/monitor/endpoints.h"

namespace nats::monitor {

// Prometheus text format, version 0.0.4.
std::string metrics(Gathered&& gathered);

// Gauges of one answer: every number, and some strings, by path. Pure, for tests.
std::string gauges(std::string_view json, std::string_view endpoint, std::string_view server_id);

}  // namespace nats::monitor
