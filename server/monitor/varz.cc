#include "server/monitor/varz.h"

#include "server/gojson/writer.h"
#include "server/monitor/json_parts.h"

namespace nats::monitor {

namespace {

using gojson::Writer;

void write_time_unless_zero(Writer& w, std::string_view name, WallTime at) {
  if (at != zero_time) w.time(name, at);
}

// What the cluster, gateway and leaf node blocks end with alike.
template <class Options>
void write_deadline_and_cert(Writer& w, const Options& options) {
  w.integer_unless_zero("write_deadline", options.write_deadline.ns);
  w.string_unless_empty("write_timeout", options.write_timeout);
  write_time_unless_zero(w, "tls_cert_not_after", options.tls_cert_not_after);
}

void write_cluster(Writer& w, const ClusterOptions& o) {
  w.key("cluster");
  w.begin_object();
  w.string_unless_empty("name", o.name);
  w.string_unless_empty("addr", o.host);
  w.integer_unless_zero("cluster_port", o.port);
  w.number_unless_zero("auth_timeout", o.auth_timeout_seconds);
  write_strings_unless_empty(w, "urls", o.urls);
  w.number_unless_zero("tls_timeout", o.tls_timeout_seconds);
  w.boolean_unless_false("tls_required", o.tls_required);
  w.boolean_unless_false("tls_verify", o.tls_required);
  w.integer_unless_zero("pool_size", o.pool_size);
  write_deadline_and_cert(w, o);
  w.end_object();
}

void write_gateway(Writer& w, const GatewayOptions& o) {
  w.key("gateway");
  w.begin_object();
  w.string_unless_empty("name", o.name);
  w.string_unless_empty("host", o.host);
  w.integer_unless_zero("port", o.port);
  w.number_unless_zero("auth_timeout", o.auth_timeout_seconds);
  w.number_unless_zero("tls_timeout", o.tls_timeout_seconds);
  w.boolean_unless_false("tls_required", o.tls_required);
  w.boolean_unless_false("tls_verify", o.tls_required);
  w.string_unless_empty("advertise", o.advertise);
  w.integer_unless_zero("connect_retries", o.connect_retries);
  if (!o.gateways.empty()) {
    w.key("gateways");
    w.begin_array();
    for (const RemoteGatewayOptions& remote : o.gateways) {
      w.begin_object();
      w.string("name", remote.name);
      w.number_unless_zero("tls_timeout", remote.tls_timeout_seconds);
      write_strings_unless_empty(w, "urls", remote.urls);
      w.end_object();
    }
    w.end_array();
  }
  w.boolean_unless_false("reject_unknown", o.reject_unknown);
  write_deadline_and_cert(w, o);
  w.end_object();
}

void write_remote_leaf(Writer& w, const RemoteLeafOptions& remote) {
  w.begin_object();
  w.string_unless_empty("local_account", remote.local_account);
  w.number_unless_zero("tls_timeout", remote.tls_timeout_seconds);
  write_strings_unless_empty(w, "urls", remote.urls);
  if (!remote.deny_exports.empty() || !remote.deny_imports.empty()) {
    w.key("deny");
    w.begin_object();
    write_strings_unless_empty(w, "exports", remote.deny_exports);
    write_strings_unless_empty(w, "imports", remote.deny_imports);
    w.end_object();
  }
  w.boolean_unless_false("tls_ocsp_peer_verify", remote.tls_ocsp_peer_verify);
  w.end_object();
}

void write_leaf_node(Writer& w, const LeafNodeOptions& o) {
  w.key("leaf");
  w.begin_object();
  w.string_unless_empty("host", o.host);
  w.integer_unless_zero("port", o.port);
  w.number_unless_zero("auth_timeout", o.auth_timeout_seconds);
  w.number_unless_zero("tls_timeout", o.tls_timeout_seconds);
  w.boolean_unless_false("tls_required", o.tls_required);
  w.boolean_unless_false("tls_verify", o.tls_verify);
  if (!o.remotes.empty()) {
    w.key("remotes");
    w.begin_array();
    for (const RemoteLeafOptions& remote : o.remotes) write_remote_leaf(w, remote);
    w.end_array();
  }
  w.boolean_unless_false("tls_ocsp_peer_verify", o.tls_ocsp_peer_verify);
  write_deadline_and_cert(w, o);
  w.end_object();
}

void write_mqtt(Writer& w, const MqttOptions& o) {
  w.key("mqtt");
  w.begin_object();
  w.string_unless_empty("host", o.host);
  w.integer_unless_zero("port", o.port);
  w.string_unless_empty("no_auth_user", o.no_auth_user);
  w.number_unless_zero("auth_timeout", o.auth_timeout_seconds);
  w.boolean_unless_false("tls_map", o.tls_map);
  w.number_unless_zero("tls_timeout", o.tls_timeout_seconds);
  write_strings_unless_empty(w, "tls_pinned_certs", o.tls_pinned_certs);
  w.string_unless_empty("js_domain", o.js_domain);
  w.integer_unless_zero("ack_wait", o.ack_wait.ns);
  w.integer_unless_zero("max_ack_pending", o.ack_pending_max);
  w.boolean_unless_false("tls_ocsp_peer_verify", o.tls_ocsp_peer_verify);
  write_time_unless_zero(w, "tls_cert_not_after", o.tls_cert_not_after);
  w.end_object();
}

void write_websocket(Writer& w, const WebsocketOptions& o) {
  w.key("websocket");
  w.begin_object();
  w.string_unless_empty("host", o.host);
  w.integer_unless_zero("port", o.port);
  w.string_unless_empty("advertise", o.advertise);
  w.string_unless_empty("no_auth_user", o.no_auth_user);
  w.string_unless_empty("jwt_cookie", o.jwt_cookie);
  w.integer_unless_zero("handshake_timeout", o.handshake_timeout.ns);
  w.number_unless_zero("auth_timeout", o.auth_timeout_seconds);
  w.boolean_unless_false("no_tls", o.no_tls);
  w.boolean_unless_false("tls_map", o.tls_map);
  write_strings_unless_empty(w, "tls_pinned_certs", o.tls_pinned_certs);
  w.boolean_unless_false("same_origin", o.same_origin);
  write_strings_unless_empty(w, "allowed_origins", o.allowed_origins);
  w.boolean_unless_false("compression", o.compression);
  w.boolean_unless_false("tls_ocsp_peer_verify", o.tls_ocsp_peer_verify);
  write_time_unless_zero(w, "tls_cert_not_after", o.tls_cert_not_after);
  w.end_object();
}

void write_kinds(Writer& w, std::string_view name, const KindCounts& counts) {
  w.key(name);
  w.begin_object();
  w.unsigned_integer("clients", counts.clients);
  w.unsigned_integer("routes", counts.routes);
  w.unsigned_integer("gateways", counts.gateways);
  w.unsigned_integer("leafs", counts.leafs);
  w.end_object();
}

void write_identity(Writer& w, const ServerSnapshot& s) {
  w.string("server_id", s.identity.server_id);
  w.string("server_name", s.identity.server_name);
  w.string("version", s.version);
  w.integer("proto", s.proto);
  w.string_unless_empty("git_commit", s.git_commit);
  w.string("go", s.go);
  w.string("host", s.host);
  w.integer("port", s.port);
  w.boolean_unless_false("auth_required", s.auth_required);
  w.boolean_unless_false("tls_required", s.tls_required);
  w.boolean_unless_false("tls_verify", s.tls_verify);
  w.boolean_unless_false("tls_ocsp_peer_verify", s.tls_ocsp_peer_verify);
  w.string_unless_empty("ip", s.ip);
  write_strings_unless_empty(w, "connect_urls", s.connect_urls);
  write_strings_unless_empty(w, "ws_connect_urls", s.ws_connect_urls);
}

void write_options(Writer& w, const ServerSnapshot& s) {
  w.integer("max_connections", s.connections_max);
  w.integer_unless_zero("max_subscriptions", s.subscriptions_max);
  w.duration("ping_interval", s.ping_interval);
  w.integer("ping_max", s.pings_out_max);
  w.string("http_host", s.http_host);
  w.integer("http_port", s.http_port);
  w.string("http_base_path", s.http_base_path);
  w.integer("https_port", s.https_port);
  w.number("auth_timeout", s.auth_timeout_seconds);
  w.integer("max_control_line", s.control_line_max);
  w.integer("max_payload", s.payload_max);
  w.integer("max_pending", s.pending_max);
  write_cluster(w, s.cluster);
  write_gateway(w, s.gateway);
  write_leaf_node(w, s.leaf_node);
  write_mqtt(w, s.mqtt);
  write_websocket(w, s.websocket);
  // Filled once JetStream exists; until then a server that needs it does not start.
  w.key("jetstream");
  w.begin_object();
  w.end_object();
  w.number("tls_timeout", s.tls_timeout_seconds);
  w.duration("write_deadline", s.write_deadline);
  w.string_unless_empty("write_timeout", s.write_timeout);
}

void write_runtime(Writer& w, const ServerSnapshot& s) {
  w.time("start", s.start);
  w.time("now", s.identity.now);
  w.string("uptime", gojson::uptime_text(s.uptime));
  w.unsigned_integer("mem", s.resident_bytes);
  w.integer("cores", s.cores);
  w.integer("gomaxprocs", s.worker_threads);
  w.integer_unless_zero("gomemlimit", s.memory_limit_bytes);
  w.number("cpu", s.cpu_percent);
  w.integer("connections", s.connections);
  w.unsigned_integer("total_connections", s.connections_total);
  w.integer("routes", s.routes);
  w.integer("remotes", s.remotes);
  w.integer("leafnodes", s.leaf_nodes);
  w.integer("in_msgs", s.in_msgs);
  w.integer("in_bytes", s.in_bytes);
  w.integer("in_client_msgs", s.in_client_msgs);
  w.integer("in_client_bytes", s.in_client_bytes);
  w.integer("out_msgs", s.out_msgs);
  w.integer("out_bytes", s.out_bytes);
  w.integer("out_client_msgs", s.out_client_msgs);
  w.integer("out_client_bytes", s.out_client_bytes);
  w.integer("slow_consumers", s.slow_consumers);
  w.integer("stale_connections", s.stale_connections);
  w.integer("stalled_clients", s.stalled_clients);
  w.unsigned_integer("subscriptions", s.subscriptions);
}

void write_ocsp_peer_cache(Writer& w, const OcspPeerCache& cache) {
  w.key("ocsp_peer_cache");
  w.begin_object();
  w.string_unless_empty("cache_type", cache.type);
  w.integer_unless_zero("cache_hits", cache.hits);
  w.integer_unless_zero("cache_misses", cache.misses);
  w.integer_unless_zero("cached_responses", cache.responses);
  w.integer_unless_zero("cached_revoked_responses", cache.revoked);
  w.integer_unless_zero("cached_good_responses", cache.good);
  w.integer_unless_zero("cached_unknown_responses", cache.unknown);
  w.end_object();
}

void write_configuration(Writer& w, const ServerSnapshot& s) {
  w.time("config_load_time", s.config_load_time);
  w.string("config_digest", s.config_digest);
  write_strings_unless_empty(w, "tags", s.tags);
  if (!s.metadata.empty()) {
    w.key("metadata");
    w.begin_object();
    for (const auto& [name, value] : s.metadata) w.string(name, value);
    w.end_object();
  }
  if (!s.feature_flags.empty()) {
    w.key("feature_flags");
    w.begin_object();
    for (const auto& [name, value] : s.feature_flags) w.boolean(name, value);
    w.end_object();
  }
  w.string_unless_empty("system_account", s.system_account);
  w.unsigned_unless_zero("pinned_account_fails", s.pinned_account_fails);
  if (s.ocsp_peer_cache) write_ocsp_peer_cache(w, *s.ocsp_peer_cache);
}

// Waits for a turn on the disk, which nothing does before there is JetStream.
void write_disk_waits(Writer& w) {
  w.key("disk_io_wait_stats");
  w.begin_object();
  for (const std::string_view name : {"waiters", "waits", "wait_time", "max_wait_time"}) w.integer(name, 0);
  w.end_object();
}

}  // namespace

std::string varz(const ServerSnapshot& s, const std::map<std::string, std::uint64_t>& request_counts) {
  std::string out;
  Writer w(out, "  ");
  w.begin_object();
  write_identity(w, s);
  write_options(w, s);
  write_runtime(w, s);
  w.key("http_req_stats");
  w.begin_object();
  for (const auto& [path, count] : request_counts) w.unsigned_integer(path, count);
  w.end_object();
  write_configuration(w, s);
  write_kinds(w, "slow_consumer_stats", s.slow_consumers_by_kind);
  write_kinds(w, "stale_connection_stats", s.stale_connections_by_kind);
  write_disk_waits(w);
  if (!s.proxies_trusted.empty() || s.proxies_configured) {
    w.key("proxies");
    w.begin_object();
    if (!s.proxies_trusted.empty()) {
      w.key("trusted");
      w.begin_array();
      for (const std::string& key : s.proxies_trusted) {
        w.begin_object();
        w.string("key", key);
        w.end_object();
      }
      w.end_array();
    }
    w.end_object();
  }
  write_time_unless_zero(w, "tls_cert_not_after", s.tls_cert_not_after);
  w.end_object();
  return out;
}

}  // namespace nats::monitor
