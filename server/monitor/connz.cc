#include "server/monitor/connz.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "server/gojson/time_text.h"
#include "server/gojson/writer.h"
#include "server/monitor/json_parts.h"
#include "server/subject/subject.h"

namespace nats::monitor {

namespace {

constexpr std::int64_t default_limit = 1024;
constexpr std::string_view global_account = "$G";

using Less = bool (*)(const ConnSummary&, const ConnSummary&, WallTime now);

Duration lifetime(const ConnSummary& conn, WallTime now) { return conn.stop.value_or(now) - conn.start; }

struct SortKey {
  std::string_view name;
  Less less;
  bool closed_only = false;
};

// Most sort from the greatest down.
constexpr std::array sort_keys{
    SortKey{"cid", [](const auto& a, const auto& b, WallTime) { return a.cid < b.cid; }},
    SortKey{"start", [](const auto& a, const auto& b, WallTime) { return a.cid < b.cid; }},
    SortKey{"subs", [](const auto& a, const auto& b, WallTime) { return a.subs_count > b.subs_count; }},
    SortKey{"pending",
            [](const auto& a, const auto& b, WallTime) { return a.pending_bytes > b.pending_bytes; }},
    SortKey{"msgs_to", [](const auto& a, const auto& b, WallTime) { return a.out_msgs > b.out_msgs; }},
    SortKey{"msgs_from", [](const auto& a, const auto& b, WallTime) { return a.in_msgs > b.in_msgs; }},
    SortKey{"bytes_to", [](const auto& a, const auto& b, WallTime) { return a.out_bytes > b.out_bytes; }},
    SortKey{"bytes_from", [](const auto& a, const auto& b, WallTime) { return a.in_bytes > b.in_bytes; }},
    SortKey{"last", [](const auto& a, const auto& b, WallTime) { return a.last_activity > b.last_activity; }},
    SortKey{"idle", [](const auto& a, const auto& b, WallTime) { return a.last_activity < b.last_activity; }},
    SortKey{"uptime",
            [](const auto& a, const auto& b, WallTime now) { return lifetime(a, now) < lifetime(b, now); }},
    SortKey{"stop", [](const auto& a, const auto& b, WallTime) { return a.stop > b.stop; }, true},
    SortKey{"reason", nullptr, true},  // the only text: see reason_less
    SortKey{"rtt", [](const auto& a, const auto& b, WallTime) { return a.rtt > b.rtt; }},
};

const SortKey* find_sort_key(std::string_view name) {
  if (name.empty()) name = "cid";
  const auto found =
      std::find_if(sort_keys.begin(), sort_keys.end(), [&](const SortKey& key) { return key.name == name; });
  return found == sort_keys.end() ? nullptr : &*found;
}

bool reason_less(const ConnSnapshot& a, const ConnSnapshot& b) { return a.reason < b.reason; }

// Equal ones stand by their ids.
bool stands_before(const SortKey& key, const ConnSummary& a, const ConnSummary& b, WallTime now) {
  if (key.less(a, b, now)) return true;
  if (key.less(b, a, now)) return false;
  return a.cid < b.cid;
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::optional<std::string> judge(const ConnzOptions& options) {
  const SortKey* key = find_sort_key(options.sort);
  if (!key) return "invalid sorting option: " + options.sort;
  if (key->closed_only && options.state != ConnState::closed)
    return fmt::format("sort by {} only valid on closed connections", key->name);
  const bool filters = !options.filter_subject.empty() && options.filter_subject != ">";
  if (filters && options.account.empty()) return "filter by subject only valid with account filtering";
  return {};
}

bool has_subject(const ConnSnapshot& conn, std::string_view filter) {
  return std::any_of(conn.subs.begin(), conn.subs.end(),
                     [&](const SubSnapshot& sub) { return subject::overlaps(filter, sub.subject); });
}

// The account that the reference remembers of a closed connection: not the global one.
std::string_view remembered_account(const ConnSnapshot& conn) {
  return conn.closed() && conn.account == global_account ? std::string_view{} : conn.account;
}

struct Selection {
  std::vector<const ConnSnapshot*> conns;
  std::int64_t total = 0;
};

Selection select(const ConnectionsSnapshot& snapshot, const ConnzOptions& options) {
  std::vector<const ConnSnapshot*> candidates;
  for (const std::vector<ConnSnapshot>& part : snapshot.parts) {
    for (const ConnSnapshot& conn : part) {
      const bool state_fits =
          options.state == ConnState::all || conn.closed() == (options.state == ConnState::closed);
      if (state_fits && (options.account.empty() || remembered_account(conn) == options.account))
        candidates.push_back(&conn);
    }
  }
  Selection selection;
  selection.total = static_cast<std::int64_t>(candidates.size());
  const bool by_subject = !options.filter_subject.empty() && options.filter_subject != ">";
  for (const ConnSnapshot* conn : candidates) {
    if (options.cid > 0 && conn->cid != options.cid) continue;
    if (!options.user.empty() && conn->user != options.user) continue;
    if (!options.mqtt_client.empty() && conn->mqtt_client != options.mqtt_client) continue;
    if (by_subject && !conn->closed() && !has_subject(*conn, options.filter_subject)) continue;
    selection.conns.push_back(conn);
  }
  return selection;
}

void sort(std::vector<const ConnSnapshot*>& conns, std::string_view name, WallTime now) {
  const SortKey* key = find_sort_key(name);
  std::sort(conns.begin(), conns.end(), [&](const ConnSnapshot* a, const ConnSnapshot* b) {
    if (key->less) return stands_before(*key, *a, *b, now);
    if (reason_less(*a, *b)) return true;
    return !reason_less(*b, *a) && a->cid < b->cid;
  });
}

// As the reference understands them.
void normalize_page(ConnzOptions& options) {
  options.offset = std::max<std::int64_t>(options.offset, 0);
  if (options.limit <= 0) options.limit = default_limit;
  if (options.cid > 0) options.limit = 1;
}

// As the reference shows it: whole microseconds below a millisecond.
std::string rtt_text(Duration rtt) {
  if (rtt > Duration::from_us(1) && rtt < Duration::from_ms(1)) rtt.ns -= rtt.ns % 1000;
  return gojson::duration_text(rtt);
}

void write_tls(gojson::Writer& w, const ConnSnapshot& conn, bool auth) {
  w.string_unless_empty("tls_version", conn.tls_version);
  w.string_unless_empty("tls_cipher_suite", conn.tls_cipher);
  // A closed connection's certificates are not kept.
  if (auth && !conn.closed() && !conn.tls_peer_certs.empty()) {
    w.key("tls_peer_certs");
    w.begin_array();
    for (const PeerCert& cert : conn.tls_peer_certs) {
      w.begin_object();
      w.string_unless_empty("subject", cert.subject);
      w.string_unless_empty("spki_sha256", cert.spki_sha256);
      w.string_unless_empty("cert_sha256", cert.cert_sha256);
      w.end_object();
    }
    w.end_array();
  }
  w.boolean_unless_false("tls_first", conn.tls_first);
}

void write_subs(gojson::Writer& w, const ConnSnapshot& conn, const ConnzOptions& options) {
  if (conn.subs.empty()) return;
  if (options.subs_detail) {
    w.key("subscriptions_list_detail");
    w.begin_array();
    // The account stands only with subscriptions of connections that are gone.
    for (const SubSnapshot& sub : conn.subs) write_sub(w, sub, conn.closed());
    w.end_array();
  } else if (options.subs) {
    w.key("subscriptions_list");
    w.begin_array();
    for (const SubSnapshot& sub : conn.subs) w.string(sub.subject);
    w.end_array();
  }
}

// What is shown of who a connection is. A closed connection shows some of it unasked.
void write_identity(gojson::Writer& w, const ConnSnapshot& conn, bool auth) {
  if (!auth && !conn.closed()) return;
  w.string_unless_empty("jwt", conn.jwt);
  w.string_unless_empty("issuer_key", conn.issuer_key);
  const bool named = auth && (!conn.closed() || conn.account != global_account);
  if (named) w.string_unless_empty("name_tag", conn.account_tag);
  write_strings_unless_empty(w, "tags", conn.tags);
}

void write_conn(gojson::Writer& w, const ConnSnapshot& conn, const ConnzOptions& options, WallTime now) {
  const WallTime until = conn.stop.value_or(now);
  w.begin_object();
  w.unsigned_integer("cid", conn.cid);
  w.string_unless_empty("kind", conn.kind);
  w.string_unless_empty("type", conn.type);
  w.string("ip", conn.ip);
  w.integer("port", conn.port);
  w.time("start", conn.start, conn.utc_offset);
  w.time("last_activity", conn.last_activity, conn.last_activity_in_utc ? Duration{} : conn.utc_offset);
  if (conn.stop) w.time("stop", *conn.stop, conn.utc_offset);
  w.string_unless_empty("reason", conn.reason);
  w.string("rtt", rtt_text(conn.rtt));
  w.string("uptime", gojson::uptime_text(until - conn.start));
  w.string("idle", gojson::uptime_text(until - conn.last_activity));
  w.integer("pending_bytes", conn.pending_bytes);
  w.integer("in_msgs", conn.in_msgs);
  w.integer("out_msgs", conn.out_msgs);
  w.integer("in_bytes", conn.in_bytes);
  w.integer("out_bytes", conn.out_bytes);
  w.integer_unless_zero("stalls", conn.stalls);
  w.unsigned_integer("subscriptions", conn.subs_count);
  w.string_unless_empty("name", conn.name);
  w.string_unless_empty("lang", conn.lang);
  w.string_unless_empty("version", conn.version);
  write_tls(w, conn, options.auth);
  if (options.auth) {
    w.string_unless_empty("authorized_user", conn.user);
    if (conn.account != global_account) w.string_unless_empty("account", conn.account);
  }
  write_subs(w, conn, options);
  write_identity(w, conn, options.auth);
  w.string_unless_empty("mqtt_client", conn.mqtt_client);
  if (!conn.proxy_key.empty()) {
    w.key("proxy");
    w.begin_object();
    w.string("key", conn.proxy_key);
    w.end_object();
  }
  w.end_object();
}

}  // namespace

std::expected<ConnzOptions, std::string> parse_connz_options(const HttpParams& params) {
  ConnzOptions options;
  options.sort = params.get("sort");
  const auto auth = params.boolean("auth");
  if (!auth) return std::unexpected(auth.error());
  options.auth = *auth;
  options.subs_detail = ascii_lower(params.get("subs")) == "detail";
  if (!options.subs_detail) {
    const auto subs = params.boolean("subs");
    if (!subs) return std::unexpected(subs.error());
    options.subs = *subs;
  }
  const auto offset = params.integer("offset");
  if (!offset) return std::unexpected(offset.error());
  options.offset = *offset;
  const auto limit = params.integer("limit");
  if (!limit) return std::unexpected(limit.error());
  options.limit = *limit;
  const auto cid = params.unsigned_integer("cid");
  if (!cid) return std::unexpected(cid.error());
  options.cid = *cid;
  const std::string state = ascii_lower(params.get("state"));
  if (state == "closed") {
    options.state = ConnState::closed;
  } else if (state == "any" || state == "all") {
    options.state = ConnState::all;
  } else if (!state.empty() && state != "open") {
    return std::unexpected("Error decoding state for " + std::string(params.get("state")));
  }
  options.user = params.get("user");
  options.account = params.get("acc");
  options.mqtt_client = params.get("mqtt_client");
  return options;
}

ConnQuery conn_query(const ConnzOptions& options) {
  ConnQuery query;
  query.state = options.state;
  query.with_subs = options.subs || options.subs_detail || !options.filter_subject.empty();
  query.with_peer_certs = options.auth;
  return query;
}

bool is_small_page(const ConnzOptions& asked, std::int64_t count) {
  ConnzOptions options = asked;
  normalize_page(options);
  return options.limit < count / 2 && options.state == ConnState::open && !judge(options) &&
         options.cid == 0 && options.user.empty() && options.account.empty() && options.mqtt_client.empty() &&
         options.filter_subject.empty();
}

std::vector<std::uint64_t> pick_page(const ConnSummaries& parts, ConnzOptions options) {
  normalize_page(options);
  std::vector<ConnSummary> conns;
  for (const std::vector<ConnSummary>& part : parts) conns.insert(conns.end(), part.begin(), part.end());
  const SortKey* key = find_sort_key(options.sort);
  const auto count = static_cast<std::int64_t>(conns.size());
  const std::int64_t first = std::min(options.offset, count);
  const std::int64_t last = first + std::min(options.limit, count - first);
  // Of open ones the later end does not matter.
  std::partial_sort(conns.begin(), conns.begin() + last, conns.end(),
                    [key](const auto& a, const auto& b) { return stands_before(*key, a, b, {}); });
  std::vector<std::uint64_t> cids;
  for (std::int64_t i = first; i < last; ++i) cids.push_back(conns[static_cast<std::size_t>(i)].cid);
  return cids;
}

std::expected<std::string, std::string> connz(ConnectionsSnapshot snapshot, ConnzOptions options) {
  if (auto error = judge(options)) return std::unexpected(*error);
  normalize_page(options);

  const bool known_account = options.account.empty() ||
                             std::find(snapshot.accounts.begin(), snapshot.accounts.end(), options.account) !=
                                 snapshot.accounts.end();
  Selection selection;
  if (known_account) selection = select(snapshot, options);
  const WallTime now = snapshot.identity.now;
  sort(selection.conns, options.sort, now);
  const auto count = static_cast<std::int64_t>(selection.conns.size());
  const std::int64_t first = snapshot.total ? 0 : std::min(options.offset, count);
  const std::int64_t last = first + std::min(options.limit, count - first);

  constexpr std::size_t octets_of_one = 512;  // about
  std::string out;
  out.reserve(octets_of_one * static_cast<std::size_t>(last - first + 1));
  gojson::Writer w(out, "  ");
  w.begin_object();
  w.string("server_id", known_account ? snapshot.identity.server_id : "");
  w.time("now", now);
  w.integer("num_connections", last - first);
  w.integer("total", snapshot.total.value_or(selection.total));
  w.integer("offset", options.offset);
  w.integer("limit", options.limit);
  w.key("connections");
  if (known_account) {
    w.begin_array();
    for (std::int64_t i = first; i < last; ++i)
      write_conn(w, *selection.conns[static_cast<std::size_t>(i)], options, now);
    w.end_array();
  } else {
    w.null();
  }
  w.end_object();
  return out;
}

}  // namespace nats::monitor
