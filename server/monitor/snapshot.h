// What monitoring needs to know of a server, gathered by whoever holds it (app/, on top of the
// broker), and turned into text here. Snapshots are plain values: once gathered they belong to the
// request, and sorting and writing them happens on the worker pool.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/base/time.h"
#include "server/gojson/time_text.h"
#include "server/monitor/snapshot_options.h"
#include "server/sys/loop.h"

namespace nats::monitor {

using gojson::zero_time;

// Who and when: stands at the head of every answer.
struct Identity {
  std::string server_id;
  std::string server_name;
  WallTime now;
};

// Slow consumers or stale connections, by kind of connection.
struct KindCounts {
  std::uint64_t clients = 0, routes = 0, gateways = 0, leafs = 0;
};

// An internal queue, for /ipqueuesz.
struct QueueSnapshot {
  std::int64_t pending = 0, in_progress = 0;
};

// Everything that /varz shows, except the request counters that monitoring keeps itself.
struct OcspPeerCache {
  std::string type;
  std::int64_t hits = 0, misses = 0, responses = 0, revoked = 0, good = 0, unknown = 0;
};

struct ServerSnapshot {
  Identity identity;
  std::string version;     // "2.15.1"
  std::string git_commit;  // "" leaves the field out
  std::string go;          // "natstwin/0.1.0"
  int proto = 1;
  std::string host;
  int port = 0;
  std::string ip;
  bool auth_required = false, tls_required = false, tls_verify = false, tls_ocsp_peer_verify = false;
  std::vector<std::string> connect_urls, ws_connect_urls;

  std::int64_t connections_max = 0, subscriptions_max = 0;
  Duration ping_interval;
  int pings_out_max = 0;
  std::string http_host, http_base_path;
  int http_port = 0, https_port = 0;
  double auth_timeout_seconds = 0, tls_timeout_seconds = 0;
  std::int64_t control_line_max = 0, payload_max = 0, pending_max = 0;
  ClusterOptions cluster;
  GatewayOptions gateway;
  LeafNodeOptions leaf_node;
  MqttOptions mqtt;
  WebsocketOptions websocket;
  Duration write_deadline;
  std::string write_timeout;  // "" when default

  WallTime start = zero_time;
  Duration uptime;
  std::uint64_t resident_bytes = 0;
  int cores = 0, worker_threads = 0;    // worker_threads stands for GOMAXPROCS
  std::int64_t memory_limit_bytes = 0;  // GOMEMLIMIT; 0: none
  double cpu_percent = 0;
  std::int64_t connections = 0, routes = 0, remotes = 0, leaf_nodes = 0;
  std::uint64_t connections_total = 0;
  std::int64_t in_msgs = 0, in_bytes = 0, in_client_msgs = 0, in_client_bytes = 0;
  std::int64_t out_msgs = 0, out_bytes = 0, out_client_msgs = 0, out_client_bytes = 0;
  std::int64_t slow_consumers = 0, stale_connections = 0, stalled_clients = 0;
  KindCounts slow_consumers_by_kind, stale_connections_by_kind;
  std::uint32_t subscriptions = 0;  // of all accounts

  WallTime config_load_time = zero_time;
  std::string config_digest;
  std::vector<std::string> tags;
  std::map<std::string, std::string> metadata;
  std::map<std::string, bool> feature_flags;  // the known ones, merged with the configured ones
  std::string system_account;
  std::uint64_t pinned_account_fails = 0;
  std::optional<OcspPeerCache> ocsp_peer_cache;
  bool proxies_configured = false;
  std::vector<std::string> proxies_trusted;  // their public keys
  WallTime tls_cert_not_after = zero_time;

  std::map<std::string, QueueSnapshot> queues;

  // False while listeners are not open yet; then `not_ready_reason` says why.
  bool ready_for_connections = true;
  std::string not_ready_reason;
};

// One subscription; account fields are only used where subscriptions of all accounts are listed.
struct SubSnapshot {
  std::string account, account_tag;
  std::string subject, queue, sid;
  std::int64_t msgs = 0;  // delivered
  std::int64_t max = 0;   // 0: no limit
  std::uint64_t cid = 0;
};

struct PeerCert {
  std::string subject, spki_sha256, cert_sha256;
};

// What connections are sorted by and added up: no texts, so that thousands cost little.
struct ConnSummary {
  std::uint64_t cid = 0;
  WallTime start, last_activity;
  std::optional<WallTime> stop;  // set: the connection is closed
  Duration rtt;                  // 0 when never measured
  std::int64_t pending_bytes = 0;
  std::int64_t in_msgs = 0, out_msgs = 0, in_bytes = 0, out_bytes = 0;
  std::uint32_t subs_count = 0;

  bool closed() const { return stop.has_value(); }
};

// In parts as they were gathered.
using ConnSummaries = std::vector<std::vector<ConnSummary>>;

// One connection, open or closed.
struct ConnSnapshot : ConnSummary {
  std::string kind = "Client";  // "Client", "Leafnode"
  std::string type = "nats";    // "nats", "mqtt", "websocket"
  std::string ip;
  int port = 0;
  // The last activity was CONNECT itself: the reference keeps that one time in UTC, others in local time.
  bool last_activity_in_utc = false;
  Duration utc_offset;  // of local time at `start`
  std::string reason;   // of closing, in the reference's words
  std::int64_t stalls = 0;
  std::string name, lang, version;  // of CONNECT
  std::string tls_version, tls_cipher;
  std::vector<PeerCert> tls_peer_certs;
  bool tls_first = false;
  std::string user;         // what stands for the user: name, nkey or token as the reference shows it
  std::string account;      // its account's name, "$G" included
  std::string account_tag;  // the account's name tag, or its name when it has none
  std::string jwt;          // "" for bearer tokens
  std::string issuer_key;
  std::vector<std::string> tags;
  std::string mqtt_client;
  std::string proxy_key;
  std::vector<SubSnapshot> subs;  // only when asked for
};

enum class ConnState : std::uint8_t { open, closed, all };

// What to gather. Sources need not filter further than this.
struct ConnQuery {
  ConnState state = ConnState::open;
  bool with_subs = false;
  bool with_peer_certs = false;
  // Set: only these open connections, a page that was picked already.
  std::optional<std::vector<std::uint64_t>> page;
};

struct ConnectionsSnapshot {
  Identity identity;
  // Set: `connections` are a page of so many.
  std::optional<std::int64_t> total;
  // In no order; in parts as they were gathered, since moving thousands takes time.
  std::vector<std::vector<ConnSnapshot>> parts;
  std::vector<std::string> accounts;  // names of all accounts
};

// What an account's sublist counts. Ratios are worked out when all accounts are added up.
struct SublistSnapshot {
  std::uint32_t subs = 0, cache_entries = 0;
  std::uint64_t inserts = 0, removes = 0, matches = 0, cache_hits = 0;
  std::uint32_t fanout_max = 0;
  std::uint64_t fanout_total = 0;  // over the cache's entries
};

struct MsgBytes {
  std::int64_t msgs = 0, bytes = 0;
};

struct TrafficSnapshot {
  MsgBytes all, gateways, routes, leafs;
};

// What an account offers to others.
struct ExportSnapshot {
  std::string subject;
  bool service = false;  // or a stream
  bool token_required = false;
  std::string response_type;  // of a service: "Singleton", "Streamed", "Chunked"
  std::vector<std::string> approved_accounts;
};

// What an account takes from others.
struct ImportSnapshot {
  std::string subject, account;
  std::string to;  // of a service: the subject it is known by here
  std::string local_subject;
  bool service = false;  // or a stream
  bool invalid = false, share = false, tracking = false;
};

struct MappingTarget {
  std::string subject;
  int weight_percent = 100;
  std::string cluster;
};

struct AccountSnapshot {
  std::string name;
  std::string tag;  // its name tag, or its name
  WallTime updated = zero_time;
  bool expired = false, complete = true, jetstream_enabled = false;
  std::int64_t client_connections = 0, leaf_connections = 0;
  TrafficSnapshot sent, received;
  std::int64_t slow_consumers = 0;
  SublistSnapshot sublist;
  std::vector<SubSnapshot> subs;  // local ones; only when asked for
  // Only when asked for:
  std::vector<ExportSnapshot> exports;
  std::vector<ImportSnapshot> imports;
  std::map<std::string, std::vector<MappingTarget>> mappings;
};

struct AccountsSnapshot {
  Identity identity;
  std::string system_account;
  std::vector<AccountSnapshot> accounts;
};

// What to gather of accounts.
struct AccountQuery {
  std::string only;  // "" : all accounts
  bool with_subs = false;
  bool with_details = false;  // exports, imports, mappings
};

// What monitoring asks. Calls come from the loop `home`, and answers are given there, later or at
// once. A source that walks many connections does so in slices, so that no loop stalls for more
// than a millisecond.
class MonitorSource {
 public:
  virtual ~MonitorSource() = default;

  virtual void server(sys::Loop& home, std::move_only_function<void(ServerSnapshot)> then) = 0;
  // Of open connections, about.
  virtual std::int64_t connection_count() const = 0;
  virtual void summaries(sys::Loop& home, std::move_only_function<void(ConnSummaries)> then) = 0;
  virtual void connections(const ConnQuery& query, sys::Loop& home,
                           std::move_only_function<void(ConnectionsSnapshot)> then) = 0;
  virtual void accounts(const AccountQuery& query, sys::Loop& home,
                        std::move_only_function<void(AccountsSnapshot)> then) = 0;
};

}  // namespace nats::monitor
