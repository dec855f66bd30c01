// Every setting of one server, after defaults. The broker, auth, monitor and app read it; only
// config/ writes it. Immutable once built: a reload makes a new one and plan_reload() compares.
//
// Fields are named as the configuration keys. A key of a feature that is not built yet is checked as
// the reference checks it, then named in `unbuilt`: the app refuses to start with exit code 89.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/time.h"
#include "server/config/ocsp_options.h"

namespace nats::sys {
class TlsContext;
}

namespace nats::config {

// Where a value stood. Line 1 is the first; columns count as the reference counts them.
struct Position {
  std::string file;
  int line = 0;
  int column = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

// A list that is absent or empty limits nothing.
// Entries of a subscribe list may be "subject queue".
struct SubjectPermission {
  std::optional<std::vector<std::string>> allow;
  std::optional<std::vector<std::string>> deny;

  friend bool operator==(const SubjectPermission&, const SubjectPermission&) = default;
};

// Negative max_msgs or expires: no limit.
struct ResponsePermission {
  int max_msgs = 1;
  Duration expires = Duration::from_seconds(120);

  friend bool operator==(const ResponsePermission&, const ResponsePermission&) = default;
};

struct Permissions {
  std::optional<SubjectPermission> publish;
  std::optional<SubjectPermission> subscribe;
  std::optional<ResponsePermission> response;

  friend bool operator==(const Permissions&, const Permissions&) = default;
};

struct User {
  std::string user;
  std::string password;                    // plain, or bcrypt ("$2a$...")
  std::optional<Permissions> permissions;  // default_permissions are already applied
  std::string account;                     // empty: the global account
  // Canonical names ("STANDARD", "WEBSOCKET", ...); empty: all.
  std::vector<std::string> allowed_connection_types;
  bool proxy_required = false;

  friend bool operator==(const User&, const User&) = default;
};

struct NkeyUser {
  std::string nkey;
  std::optional<Permissions> permissions;
  std::string account;
  std::vector<std::string> allowed_connection_types;
  bool proxy_required = false;

  friend bool operator==(const NkeyUser&, const NkeyUser&) = default;
};

// authorization {}, and --user, --pass, --auth.
struct Authorization {
  bool block_defined = false;  // authorization {} stands in the file
  std::string user;
  std::string password;
  std::string token;
  double timeout_seconds = 2;  // the wire shows it as a number of seconds
  // In the order of the file; users of accounts {} follow or precede as their block does.
  std::vector<User> users;
  std::vector<NkeyUser> nkeys;
  bool proxy_required = false;

  friend bool operator==(const Authorization&, const Authorization&) = default;
};

// tls {} of the client port, and the --tls flags. Immutable; connections keep the one they began with.
struct Tls {
  // Certificates, roots, suites; null where the loader was given nothing to make it with.
  std::shared_ptr<const sys::TlsContext> context;
  // The same for the monitoring port, which asks nobody for a certificate.
  std::shared_ptr<const sys::TlsContext> monitoring_context;
  // Of everything that the contexts were made from; a reload compares it.
  std::string fingerprint;
  bool has_roots = false;
  double timeout_seconds = 2;  // for a handshake; /varz shows it as a number of seconds
  bool verify = false;         // clients must show a certificate
  bool map = false;            // and are the user whom it names
  bool handshake_first = false;
  Duration first_fallback;                // positive: who says nothing so long gets INFO in the clear
  std::int64_t rate_limit = 0;            // handshakes begun in a second; 0: no limit
  std::vector<std::string> pinned_certs;  // lower-case hex, sorted; empty: any
  std::string cert_file;                  // for messages; empty where there are several
  OcspPeer ocsp_peer;

  friend bool operator==(const Tls&, const Tls&) = default;
};

struct MapDestination {
  std::string subject;
  int weight = 100;     // percent
  std::string cluster;  // empty: any

  friend bool operator==(const MapDestination&, const MapDestination&) = default;
};

struct Mapping {
  std::string source;
  std::vector<MapDestination> destinations;

  friend bool operator==(const Mapping&, const Mapping&) = default;
};

struct AccountLimits {
  std::int32_t max_connections = -1;
  std::int32_t max_subscriptions = -1;
  std::int32_t max_payload = -1;
  std::int32_t max_leafnodes = -1;

  friend bool operator==(const AccountLimits&, const AccountLimits&) = default;
};

struct Account {
  std::string name;
  std::string nkey;
  AccountLimits limits;
  std::vector<Mapping> mappings;
  std::optional<Permissions> default_permissions;
  std::string trace_dest;
  int trace_sampling = 0;

  friend bool operator==(const Account&, const Account&) = default;
};

enum class WriteTimeoutPolicy : std::uint8_t { default_policy, close, retry };

// Settings that the reference keeps apart from their value: was it said, and where?
struct ExplicitBools {
  std::map<std::string, bool> in_config;  // Go field names: "Debug", "Trace", ...
  std::map<std::string, bool> on_command_line;

  friend bool operator==(const ExplicitBools&, const ExplicitBools&) = default;
};

// A setting that needs a feature that is not built. `path` as in the table ("tls", "cluster.port").
struct Unbuilt {
  std::string path;
  Position position;  // line 0: the command line

  friend bool operator==(const Unbuilt&, const Unbuilt&) = default;
};

struct Options {
  std::string config_file;    // as given with -c; empty: none
  std::string config_digest;  // "sha256:..."; empty: none

  // Where the server listens. Port 0 means one that the system chooses.
  std::string host = "0.0.0.0";
  int port = 4222;
  std::string client_advertise;
  std::string server_name;  // empty: the server's id

  // Log.
  bool debug = false;
  bool trace = false;
  bool trace_verbose = false;
  bool trace_headers = false;
  bool logtime = true;
  bool logtime_utc = false;
  std::string log_file;
  std::int64_t log_size_limit = 0;  // bytes; 0: no limit
  std::int64_t log_max_num = 0;     // 0: no limit
  bool syslog = false;
  std::string remote_syslog;
  int max_traced_msg_len = 0;  // 0: no limit

  // Limits.
  std::int32_t max_control_line = 4096;
  std::int32_t max_payload = 1024 * 1024;
  std::int64_t max_pending = 64 * 1024 * 1024;
  int max_connections = 64 * 1024;  // negative: nobody may connect
  int max_subscriptions = 0;        // 0: no limit
  int max_sub_tokens = 0;           // 0: no limit
  int max_closed_clients = 10'000;
  Duration ping_interval = Duration::from_seconds(120);
  int ping_max = 2;
  Duration write_deadline = Duration::from_seconds(10);
  WriteTimeoutPolicy write_timeout = WriteTimeoutPolicy::default_policy;
  bool no_header_support = false;
  bool no_fast_producer_stall = false;
  bool no_sublist_cache = false;

  // Who may do what.
  Authorization authorization;
  std::string no_auth_user;
  std::vector<Mapping> mappings;  // of the global account
  std::vector<Account> accounts;  // without the global and the automatic system account
  std::string system_account;     // as configured; empty: "$SYS"
  bool no_system_account = false;
  std::string default_sentinel;

  // Monitoring. Port 0: off; -1: one that the system chooses.
  std::string http_host = "0.0.0.0";
  int http_port = 0;
  int https_port = 0;
  std::string http_base_path;  // as configured; what is served: base_path() of options_loader.h
  bool http_metrics = false;   // serve /metrics
  int prof_port = 0;           // port 0: off; -1: one that the system chooses
  int prof_block_rate = 0;

  // Process.
  std::string pid_file;
  std::string ports_file_dir;
  Duration lame_duck_duration = Duration::from_seconds(120);
  Duration lame_duck_grace_period = Duration::from_seconds(10);

  int connect_error_reports = 3600;
  int reconnect_error_reports = 1;
  std::vector<std::string> server_tags;
  std::map<std::string, std::string> server_metadata;
  std::map<std::string, bool> feature_flags;  // as configured

  std::string store_dir;  // kept for /varz and JetStream; empty: the default
  bool proxy_protocol = false;
  bool proxies_configured = false;           // proxies {} stands in the file
  std::vector<std::string> trusted_proxies;  // their public keys, in the order of the file
  std::shared_ptr<const Tls> tls;            // null: none
  bool allow_non_tls = false;
  std::optional<OcspStapling> ocsp;
  std::optional<OcspCacheOptions> ocsp_cache;

  ExplicitBools explicit_bools;
  std::vector<Unbuilt> unbuilt;
};

}  // namespace nats::config
