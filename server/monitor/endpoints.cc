#include "server/monitor/endpoints.h"

#include <array>
#include <utility>

#include "server/gojson/writer.h"
#include "server/monitor/accounts.h"
#include "server/monitor/connz.h"
#include "server/monitor/healthz.h"
#include "server/monitor/metrics.h"
#include "server/monitor/plain_server.h"
#include "server/monitor/profiling/profile_kinds.h"
#include "server/monitor/profiling/profile_pages.h"
#include "server/monitor/root_page.h"
#include "server/monitor/subsz.h"
#include "server/monitor/varz.h"

namespace nats::monitor {

namespace {

template <class Options>
std::optional<std::string> error_of(const std::expected<Options, std::string>& options) {
  if (options) return {};
  return options.error();
}

EndpointAnswer json_or_refusal(std::expected<std::string, std::string> json) {
  if (!json) return {text_answer(400, std::move(json.error())), {}};
  return {json_answer(std::move(*json)), {}};
}

template <auto& parse>
std::optional<std::string> refuse_by(const HttpParams& params) {
  return error_of(parse(params));
}

// Whether the parameter "subs" is a boolean or "detail".
std::optional<std::string> refuse_subs(const HttpParams& params) {
  std::string text(params.get("subs"));
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (text == "detail") return {};
  return error_of(params.boolean("subs"));
}

std::optional<std::string> refuse_gatewayz(const HttpParams& params) {
  if (auto error = refuse_subs(params)) return error;
  return error_of(params.boolean("accs"));
}

std::optional<std::string> refuse_leafz(const HttpParams& params) { return error_of(params.boolean("subs")); }

std::optional<std::string> refuse_accstatz(const HttpParams& params) {
  return error_of(params.boolean("unused"));
}

std::optional<std::string> refuse_ipqueuesz(const HttpParams& params) {
  return error_of(params.boolean("all"));
}

std::optional<std::string> refuse_jsz(const HttpParams& params) {
  for (const std::string_view name : {"accounts", "streams", "consumers", "direct-consumers", "config"})
    if (auto error = error_of(params.boolean(name))) return error;
  for (const std::string_view name : {"offset", "limit"})
    if (auto error = error_of(params.integer(name))) return error;
  for (const std::string_view name : {"leader-only", "raft", "stream-leader-only"})
    if (auto error = error_of(params.boolean(name))) return error;
  return {};
}

EndpointAnswer answer_root(const HttpParams&, Gathered&& g) {
  return {text_answer(200, root_page(g.base_path, g.server.version, !g.server.git_commit.empty())), {}};
}

EndpointAnswer answer_varz(const HttpParams&, Gathered&& g) {
  return {json_answer(varz(g.server, g.request_counts)), {}};
}

EndpointAnswer answer_connz(const HttpParams& params, Gathered&& g) {
  return json_or_refusal(connz(std::move(g.connections), *parse_connz_options(params)));
}

EndpointAnswer answer_subsz(const HttpParams& params, Gathered&& g) {
  return json_or_refusal(subsz(g.accounts, *parse_subsz_options(params)));
}

AccountQuery query_subsz(const HttpParams& params) { return account_query(*parse_subsz_options(params)); }

AccountQuery query_accountz(const HttpParams& params) {
  const std::string_view account = params.get("acc");
  return {std::string(account), false, !account.empty()};
}

EndpointAnswer answer_accountz(const HttpParams& params, Gathered&& g) {
  return json_or_refusal(accountz(g.accounts, params.get("acc")));
}

EndpointAnswer answer_accstatz(const HttpParams& params, Gathered&& g) {
  return {json_answer(accstatz(g.accounts, *params.boolean("unused"))), {}};
}

EndpointAnswer answer_healthz(const HttpParams& params, Gathered&& g) {
  const HealthzOptions options = *parse_healthz_options(params);
  Health health = healthz(g.server, options);
  EndpointAnswer answer{json_answer(std::move(health.json), health.status), {}};
  if (options.js_enabled)
    answer.warnings = {"Healthcheck: js-enabled deprecated, use js-enabled-only instead"};
  if (!health.warning.empty()) answer.warnings.push_back(std::move(health.warning));
  return answer;
}

EndpointAnswer answer_routez(const HttpParams&, Gathered&& g) {
  return {json_answer(routez_without_routes(g.server.identity)), {}};
}

EndpointAnswer answer_gatewayz(const HttpParams&, Gathered&& g) {
  return {json_answer(gatewayz_without_gateways(g.server.identity)), {}};
}

EndpointAnswer answer_leafz(const HttpParams&, Gathered&& g) {
  return {json_answer(leafz_without_leafs(g.server.identity)), {}};
}

EndpointAnswer answer_jsz(const HttpParams& params, Gathered&& g) {
  if (*params.boolean("leader-only")) return {text_answer(400, "filtered response: not leader"), {}};
  return {json_answer(jsz_disabled(g.server.identity)), {}};
}

EndpointAnswer answer_raftz(const HttpParams&, Gathered&&) {
  return {text_answer(404, "No Raft nodes registered"), {}};
}

EndpointAnswer answer_ipqueuesz(const HttpParams& params, Gathered&& g) {
  const bool all = *params.boolean("all");
  const std::string_view filter = params.get("queues");
  std::string out;
  gojson::Writer w(out, "   ");
  w.begin_object();
  for (const auto& [name, queue] : g.server.queues) {
    if (!all && queue.pending == 0 && queue.in_progress == 0) continue;
    if (name.find(filter) == name.npos) continue;
    w.key(name);
    w.begin_object();
    w.integer("pending", queue.pending);
    w.integer_unless_zero("in_progress", queue.in_progress);
    w.end_object();
  }
  w.end_object();
  return {json_answer(std::move(out)), {}};
}

// Where a ground has no threads, there are no stacks.
EndpointAnswer answer_stacksz(const HttpParams&, Gathered&& g) {
  return {json_answer(g.diagnostics ? thread_stacks_text(*g.diagnostics) : ""), {}};
}

EndpointAnswer answer_expvarz(const HttpParams&, Gathered&& g) {
  if (!g.diagnostics) return {error_answer(503, "this ground knows nothing of memory"), {}};
  return {expvar_answer(*g.diagnostics, g.command_line), {}};
}

EndpointAnswer answer_metrics(const HttpParams&, Gathered&& g) {
  return {{200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, metrics(std::move(g))}, {}};
}

constexpr bool always = true;
constexpr bool if_taken = false;

// clang-format off
constexpr std::array table{
    Endpoint{"/", "", "/", always, "", Needs::server, nullptr, answer_root},
    Endpoint{"/varz", "General", "/varz", always, "", Needs::server, nullptr, answer_varz},
    Endpoint{"/jsz", "JetStream", "/jsz", always,
             "acc accounts streams consumers direct-consumers config leader-only stream-leader-only offset limit raft",
             Needs::server, refuse_jsz, answer_jsz, "JetStream"},
    Endpoint{"/connz", "Connections", "/connz", if_taken, "sort auth subs offset limit cid state user acc mqtt_client",
             Needs::connections, refuse_by<parse_connz_options>, answer_connz},
    Endpoint{"/accountz", "Accounts", "/accountz", always, "acc", Needs::accounts, nullptr, answer_accountz, "",
             query_accountz},
    Endpoint{"/accstatz", "Account Stats", "/accstatz", always, "unused", Needs::accounts, refuse_accstatz, answer_accstatz},
    Endpoint{"/subsz", "Subscriptions", "/subsz", always, "subs offset limit test acc", Needs::accounts,
             refuse_by<parse_subsz_options>, answer_subsz, "", query_subsz},
    Endpoint{"/subscriptionsz", "", "/subsz", always, "subs offset limit test acc", Needs::accounts,
             refuse_by<parse_subsz_options>, answer_subsz, "", query_subsz},
    Endpoint{"/routez", "Routes", "/routez", if_taken, "subs", Needs::server, refuse_subs, answer_routez, "routes"},
    Endpoint{"/leafz", "LeafNodes", "/leafz", always, "subs acc", Needs::server, refuse_leafz, answer_leafz, "leaf nodes"},
    Endpoint{"/gatewayz", "Gateways", "/gatewayz", always, "accs gw_name acc_name subs", Needs::server, refuse_gatewayz,
             answer_gatewayz, "gateways"},
    Endpoint{"/raftz", "Raft Groups", "", if_taken, "acc group", Needs::nothing, nullptr, answer_raftz, "RAFT groups"},
    Endpoint{"/healthz", "Health Probe", "/healthz", always,
             "js-enabled js-enabled-only js-server-only js-meta-only account stream consumer details",
             Needs::server, refuse_by<parse_healthz_options>, answer_healthz, "checks of JetStream"},
    Endpoint{"/ipqueuesz", "", "", if_taken, "all queues", Needs::server, refuse_ipqueuesz, answer_ipqueuesz},
    Endpoint{"/stacksz", "", "", if_taken, "", Needs::diagnostics, nullptr, answer_stacksz},
    Endpoint{"/debug/vars", "Expvar", "", if_taken, "", Needs::diagnostics, nullptr, answer_expvarz},
    Endpoint{"/metrics", "", "", if_taken, "", Needs::server | Needs::summaries | Needs::accounts, nullptr,
             answer_metrics, "", nullptr, true},
};
// clang-format on

}  // namespace

std::span<const Endpoint> endpoints() { return table; }

ConnQuery conn_query(const HttpParams& params) { return conn_query(*parse_connz_options(params)); }

PagePicker page_picker(const HttpParams& params, std::int64_t connection_count) {
  ConnzOptions options = *parse_connz_options(params);
  if (!is_small_page(options, connection_count)) return {};
  return [options = std::move(options)](const ConnSummaries& parts) { return pick_page(parts, options); };
}

AccountQuery account_query(const Endpoint& endpoint, const HttpParams& params) {
  return endpoint.account_query ? endpoint.account_query(params) : AccountQuery{};
}

}  // namespace nats::monitor
