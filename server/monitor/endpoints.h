// The endpoints of the monitoring port: one table, and the way from a request to its answer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/monitor/http_answer.h"
#include "server/monitor/http_params.h"
#include "server/monitor/snapshot.h"

namespace nats::sys {
class Diagnostics;
}

namespace nats::monitor {

// Which snapshots an endpoint is made of: any of these together.
struct Needs {
  static constexpr unsigned nothing = 0, server = 1, connections = 2, accounts = 4, summaries = 8,
                            diagnostics = 16;
};

// What was gathered for a request.
struct Gathered {
  std::string base_path;
  std::map<std::string, std::uint64_t> request_counts;
  ServerSnapshot server;
  ConnectionsSnapshot connections;
  ConnSummaries summaries;  // of open connections
  AccountsSnapshot accounts;
  std::vector<std::string> command_line;    // without secrets
  sys::Diagnostics* diagnostics = nullptr;  // null: the ground has none
};

struct EndpointAnswer {
  HttpAnswer http;
  std::vector<std::string> warnings;  // for the log
};

struct Endpoint {
  std::string_view path;
  std::string_view title;       // of its link on the root page; "" : no link
  std::string_view counted_as;  // its name in http_req_stats; "" : not counted
  bool counts_refused;          // counted even when its parameters are refused
  std::string_view params;      // names, separated by blanks
  unsigned needs;
  // Refuses parameters with the text of an answer of status 400; null: takes any.
  std::optional<std::string> (*refuse)(const HttpParams&);
  EndpointAnswer (*answer)(const HttpParams&, Gathered&&);
  // What is missing of it, for documents; "" : nothing that a single server without JetStream has.
  std::string_view not_built = "";
  // What to ask of accounts; null: their counters.
  AccountQuery (*account_query)(const HttpParams&) = nullptr;
  // The reference has no such endpoint: it is there only where the configuration asks for it.
  bool opt_in = false;

  // The answer is of a few kilobytes, whatever the server has: cheaper to make than to hand to a worker.
  bool is_short() const { return (needs & ~Needs::server) == 0; }
};

std::span<const Endpoint> endpoints();

// Queries for sources, made of the parameters of an endpoint that was not refused.
ConnQuery conn_query(const HttpParams& params);
// What picks a small page by summaries; empty where the connections themselves are better copied.
using PagePicker = std::function<std::vector<std::uint64_t>(const ConnSummaries&)>;
PagePicker page_picker(const HttpParams& params, std::int64_t connection_count);
AccountQuery account_query(const Endpoint& endpoint, const HttpParams& params);

}  // namespace nats::monitor
