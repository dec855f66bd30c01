#include "server/monitor/healthz.h"

#include <fmt/core.h>

#include <optional>
#include <string_view>

#include "server/gojson/go_quote.h"
#include "server/gojson/writer.h"

namespace nats::monitor {

namespace {

struct Problem {
  int status;
  std::string_view type;
  std::string text;
};

std::optional<Problem> find_problem(const ServerSnapshot& server, const HealthzOptions& options) {
  const auto missing = [](std::string_view what, std::string_view purpose) {
    return Problem{400, "BAD_REQUEST",
                   fmt::format("\"{}\" must not be empty when checking {} health", what, purpose)};
  };
  if (options.account.empty() && !options.stream.empty()) return missing("account", "stream");
  if (options.stream.empty() && !options.consumer.empty()) return missing("stream", "consumer");
  if (!server.ready_for_connections) return Problem{500, "CONNECTION", server.not_ready_reason};
  return {};  // without JetStream there is nothing more to look at
}

}  // namespace

std::expected<HealthzOptions, std::string> parse_healthz_options(const HttpParams& params) {
  HealthzOptions options;
  const struct {
    std::string_view name;
    bool& target;
  } switches[] = {{"js-enabled", options.js_enabled},
                  {"js-enabled-only", options.js_enabled_only},
                  {"js-server-only", options.js_server_only},
                  {"js-meta-only", options.js_meta_only},
                  {"details", options.details}};
  for (const auto& [name, target] : switches) {
    const auto value = params.boolean(name);
    if (!value) return std::unexpected(value.error());
    target = *value;
  }
  options.account = params.get("account");
  options.stream = params.get("stream");
  options.consumer = params.get("consumer");
  return options;
}

Health healthz(const ServerSnapshot& server, const HealthzOptions& options) {
  const auto problem = find_problem(server, options);
  Health health;
  gojson::Writer w(health.json);
  w.begin_object();
  w.string("status", problem ? "error" : "ok");
  if (problem) {
    health.status = problem->status;
    if (options.details) {
      w.key("errors");
      w.begin_array();
      w.begin_object();
      w.string("type", problem->type);
      w.string("error", problem->text);
      w.end_object();
      w.end_array();
      health.warning = "Healthcheck failed: 1 errors";
    } else {
      w.string("error", problem->text);
      health.warning = "Healthcheck failed: " + gojson::go_quote(problem->text);
    }
  }
  w.end_object();
  return health;
}

}  // namespace nats::monitor
