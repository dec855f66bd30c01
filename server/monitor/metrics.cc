#include "server/monitor/metrics.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <utility>
#include <vector>

#include "server/base/check.h"
#include "server/gojson/document.h"
#include "server/monitor/connz.h"
#include "server/monitor/healthz.h"
#include "server/monitor/plain_server.h"
#include "server/monitor/subsz.h"
#include "server/monitor/varz.h"

namespace nats::monitor {

namespace {

// The exporter leaves these out, and takes strings from these members only.
constexpr auto left_out = std::to_array<std::string_view>(
    {"leaf", "trusted_operators_claim", "cluster_tls_timeout", "cluster_cluster_port", "cluster_auth_timeout",
     "gateway_port", "gateway_auth_timeout", "gateway_tls_timeout", "gateway_connect_retries"});
constexpr auto label_members =
    std::to_array<std::string_view>({"server_id", "server_name", "version", "domain", "leader", "name"});

std::string escape_label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

// What Prometheus allows in a name.
std::string metric_name(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

// One family: its help, its type, its samples.
class Families {
 public:
  Families(std::string_view endpoint, std::string_view server_id)
      : prefix_(fmt::format("gnatsd_{}_", endpoint)), server_id_(escape_label(server_id)) {}

  void gauge(std::string_view name, std::string_view value) { add(name, "", value); }
  void label(std::string_view name, std::string_view text, std::string_view value = "1") {
    add(name, fmt::format(",value=\"{}\"", escape_label(text)), value);
  }

  std::string text() const {
    std::string out;
    for (const auto& [name, sample] : samples_)
      out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{2}\n", prefix_ + name, name, sample);
    return out;
  }

 private:
  void add(std::string_view name, std::string_view more_labels, std::string_view value) {
    samples_.try_emplace(std::string(name), fmt::format("{}{}{{server_id=\"{}\"{}}} {}", prefix_, name,
                                                        server_id_, more_labels, value));
  }

  std::string prefix_, server_id_;
  std::map<std::string, std::string> samples_;
};

void add_member(Families& families, const std::string& path, std::string_view key, gojson::Value value) {
  const std::string name = metric_name(path);
  if (std::ranges::find(left_out, name) != left_out.end()) return;
  if (value.kind() == gojson::Kind::number) return families.gauge(name, value.text());
  if (value.kind() != gojson::Kind::string || std::ranges::find(label_members, key) == label_members.end())
    return;
  families.label(name, value.text());
}

// Milliseconds, as the exporter counts them.
std::string milliseconds(WallTime at) { return std::to_string(at.unix_ns / 1'000'000); }

// Objects in objects become names with '_'.
void add_members(Families& families, gojson::Value object) {
  std::vector<std::pair<gojson::Value, std::string>> waiting{{object, ""}};
  while (!waiting.empty()) {
    const auto [inner, prefix] = waiting.back();
    waiting.pop_back();
    for (auto at = inner.first(); at != inner.end(); at = at.next().next()) {
      const std::string path =
          prefix.empty() ? std::string(at.text()) : prefix + "_" + std::string(at.text());
      const gojson::Value value = at.next();
      if (value.kind() == gojson::Kind::object) {
        if (std::ranges::find(left_out, metric_name(path)) == left_out.end())
          waiting.emplace_back(value, path);
      } else {
        add_member(families, path, at.text(), value);
      }
    }
  }
}

void add_json(Families& families, std::string_view json) {
  const auto document = gojson::Document::parse(json);
  NATS_CHECK(document);  // it is our own
  add_members(families, document->root());
}

std::string varz_gauges(const ServerSnapshot& server, const std::map<std::string, std::uint64_t>& requests) {
  Families families("varz", server.identity.server_id);
  families.gauge("start", milliseconds(server.start));
  families.gauge("config_load_time", milliseconds(server.config_load_time));
  add_json(families, varz(server, requests));
  return families.text();
}

std::int64_t sum(const ConnSummaries& parts, auto ConnSummary::*member) {
  std::int64_t total = 0;
  for (const std::vector<ConnSummary>& part : parts)
    for (const ConnSummary& conn : part) total += static_cast<std::int64_t>(conn.*member);
  return total;
}

// The sums go over all connections; the exporter's over the first page of them.
std::string connz_gauges(const ConnSummaries& connections, std::string_view server_id) {
  constexpr std::int64_t page = 1024;
  std::int64_t count = 0;
  for (const auto& part : connections) count += static_cast<std::int64_t>(part.size());
  Families families("connz", server_id);
  const std::pair<std::string_view, std::int64_t> values[] = {
      {"num_connections", std::min(count, page)},
      {"total", count},
      {"offset", 0},
      {"limit", page},
      {"pending_bytes", sum(connections, &ConnSummary::pending_bytes)},
      {"subscriptions", sum(connections, &ConnSummary::subs_count)},
      {"in_bytes", sum(connections, &ConnSummary::in_bytes)},
      {"out_bytes", sum(connections, &ConnSummary::out_bytes)},
      {"in_msgs", sum(connections, &ConnSummary::in_msgs)},
      {"out_msgs", sum(connections, &ConnSummary::out_msgs)},
  };
  for (const auto& [name, value] : values) families.gauge(name, std::to_string(value));
  return families.text();
}

std::string healthz_gauges(const ServerSnapshot& server, std::string_view server_id) {
  const bool healthy = healthz(server, {}).status == 200;
  Families families("healthz", server_id);
  families.gauge("status", healthy ? "0" : "1");
  families.label("status_value", healthy ? "ok" : "error", healthy ? "1" : "0");
  return families.text();
}

}  // namespace

std::string gauges(std::string_view json, std::string_view endpoint, std::string_view server_id) {
  Families families(endpoint, server_id);
  add_json(families, json);
  return families.text();
}

std::string metrics(Gathered&& gathered) {
  const std::string id = gathered.server.identity.server_id;
  std::string out = varz_gauges(gathered.server, gathered.request_counts);
  out += connz_gauges(gathered.summaries, id);
  if (const auto subscriptions = subsz(gathered.accounts, {})) out += gauges(*subscriptions, "subsz", id);
  out += gauges(routez_without_routes(gathered.server.identity), "routez", id);
  out += healthz_gauges(gathered.server, id);
  return out;
}

}  // namespace nats::monitor
