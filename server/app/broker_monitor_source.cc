#include "server/app/broker_monitor_source.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

#include "server/app/feature_flags.h"
#include "server/app/memory_limit.h"
#include "server/app/ocsp.h"
#include "server/auth/distinguished_name.h"
#include "server/broker/session/loop_clients.h"
#include "server/sys/tls.h"
#include "server/system/services.h"

namespace nats::app {
namespace {

// So many clients are copied in a fraction of a millisecond; of so many the numbers.
constexpr std::size_t slice_clients = 200;
constexpr std::size_t slice_summaries = 2000;

monitor::SubSnapshot to_sub(const broker::SubscriptionSnapshot& from, std::uint64_t client_id) {
  monitor::SubSnapshot sub;
  sub.subject = from.subject;
  sub.queue = from.queue;
  sub.sid = from.sid;
  sub.msgs = static_cast<std::int64_t>(from.delivered);
  sub.max = static_cast<std::int64_t>(from.max);
  sub.cid = client_id;
  return sub;
}

monitor::ConnSummary to_summary(const broker::ClientSummary& from) {
  monitor::ConnSummary conn;
  conn.cid = from.client_id;
  conn.start = from.start;
  conn.last_activity = from.last_activity;
  conn.rtt = from.rtt;
  conn.pending_bytes = from.pending_bytes;
  conn.in_msgs = from.in_msgs;
  conn.out_msgs = from.out_msgs;
  conn.in_bytes = from.in_bytes;
  conn.out_bytes = from.out_bytes;
  conn.subs_count = from.subscriptions;
  return conn;
}

monitor::ConnSnapshot to_connection(broker::ClientSnapshot&& from, Duration utc_offset, bool with_subs) {
  monitor::ConnSnapshot conn{to_summary(from)};
  conn.ip = std::move(from.host);
  conn.port = from.port;
  conn.utc_offset = utc_offset;
  conn.stop = from.stop;
  conn.reason = from.reason;
  conn.stalls = from.stalls;
  conn.name = std::move(from.name);
  conn.lang = std::move(from.lang);
  conn.version = std::move(from.version);
  conn.user = std::move(from.user);
  conn.issuer_key = std::move(from.issuer_key);
  conn.account = conn.account_tag = std::move(from.account);
  conn.proxy_key = std::move(from.proxy_key);
  conn.tls_version = from.tls_version;
  conn.tls_cipher = from.tls_cipher_suite;
  conn.tls_first = from.tls_first;
  if (from.tls_peers) {
    for (const sys::Certificate& peer : *from.tls_peers)
      conn.tls_peer_certs.push_back({auth::subject_text(peer.subject), peer.key_sha256, peer.sha256});
  }
  if (!with_subs) return conn;
  for (const broker::SubscriptionSnapshot& sub : from.subs) {
    conn.subs.push_back(to_sub(sub, conn.cid));
    // Those of a closed connection name their account, like the reference's.
    if (conn.closed()) conn.subs.back().account = conn.subs.back().account_tag = conn.account;
  }
  return conn;
}

std::string_view policy_text(config::WriteTimeoutPolicy policy) {
  switch (policy) {
    case config::WriteTimeoutPolicy::close:
      return "close";
    case config::WriteTimeoutPolicy::retry:
      return "retry";
    case config::WriteTimeoutPolicy::default_policy:
      return "";
  }
  return "";
}

}  // namespace

BrokerMonitorSource::BrokerMonitorSource(broker::Broker& broker, const Ocsp& ocsp)
    : broker_(broker), ocsp_(ocsp), start_(broker.config_loaded()), started_(broker.ground().now()) {}

monitor::Identity BrokerMonitorSource::identity() const {
  return {broker_.info().server_id, broker_.info().server_name, broker_.ground().wall_now()};
}

void BrokerMonitorSource::add_settings(monitor::ServerSnapshot& server) {
  const broker::ServerInfo& info = broker_.info();
  const config::Options& options = broker_.options();
  server.version = info.version;
  server.git_commit = info.git_commit;
  server.go = info.go;
  // A reload of client_advertise does not change what was shown once (scenario reload/client-advertise).
  if (!shown_at_) shown_at_ = sys::Endpoint{info.host, static_cast<std::uint16_t>(info.port)};
  server.host = shown_at_->host;
  server.port = shown_at_->port;
  server.auth_required = broker_.authenticator().auth_required();
  server.connect_urls = info.connect_urls;
  server.connections_max = options.max_connections;
  server.subscriptions_max = options.max_subscriptions;
  server.memory_limit_bytes =
      read_memory_limit(broker_.ground().process().environment("GOMEMLIMIT").value_or(""));
  server.ping_interval = options.ping_interval;
  server.pings_out_max = options.ping_max;
  server.http_host = options.http_host;
  server.http_base_path = options.http_base_path;
  server.http_port = options.http_port;
  server.https_port = options.https_port;
  server.auth_timeout_seconds = options.authorization.timeout_seconds;
  server.tls_required = info.tls_required;
  server.tls_verify = info.tls_verify;
  server.tls_timeout_seconds = config::Tls{}.timeout_seconds;
  if (const config::Tls* tls = options.tls.get()) {
    server.tls_timeout_seconds = tls->timeout_seconds;
    // Who staples shows its certificates by a function, to the reference, and has none to look at.
    std::optional<WallTime> end = ocsp_.staples() ? std::nullopt : tls->context->not_after();
    if (end) server.tls_cert_not_after = *end;
    server.tls_ocsp_peer_verify = ocsp_.checks_peers() && info.tls_required && tls->ocsp_peer.verify;
  }
  if (std::optional<auth::OcspCacheStats> stats = ocsp_.cache_stats())
    server.ocsp_peer_cache = monitor::OcspPeerCache{
        "local", stats->hits, stats->misses, stats->responses, stats->revoked, stats->good, stats->unknown};
  server.control_line_max = options.max_control_line;
  server.payload_max = options.max_payload;
  server.pending_max = options.max_pending;
  server.write_deadline = options.write_deadline;
  server.write_timeout = policy_text(options.write_timeout);
  server.config_load_time = broker_.config_loaded();
  server.config_digest = options.config_digest;
  server.proxies_configured = options.proxies_configured;
  server.proxies_trusted = options.trusted_proxies;
  server.tags = options.server_tags;
  server.metadata = options.server_metadata;
  server.feature_flags = merged_feature_flags(options.feature_flags);
  if (!options.no_system_account) server.system_account = broker_.system_account().account.name;
}

// Those that the reference has; here nothing waits in such queues, loops hand over at once.
void BrokerMonitorSource::add_queues(monitor::ServerSnapshot& server) const {
  server.queues = {{"delayed API responses", {}}};
  if (broker_.options().no_system_account) return;
  for (const char* name : {"SendQ", "System recvQ", "System recvQ Pings", "System sendQ"})
    server.queues.emplace(name, monitor::QueueSnapshot{});
}

void BrokerMonitorSource::add_traffic(monitor::ServerSnapshot& server) const {
  broker::TrafficSum total;
  for (const auto& account : broker_.accounts().all()) total += account->traffic();
  server.in_msgs = total.in_msgs;
  server.in_bytes = total.in_bytes;
  server.out_msgs = total.out_msgs;
  server.out_bytes = total.out_bytes;
  server.in_client_msgs = server.in_msgs;
  server.in_client_bytes = server.in_bytes;
  server.out_client_msgs = server.out_msgs;
  server.out_client_bytes = server.out_bytes;
}

void BrokerMonitorSource::server(sys::Loop&, std::move_only_function<void(monitor::ServerSnapshot)> then) {
  sys::Ground& ground = broker_.ground();
  monitor::ServerSnapshot server;
  server.identity = identity();
  add_settings(server);
  add_traffic(server);
  add_queues(server);
  server.start = start_;
  server.uptime = ground.now() - started_;
  sys::ResourceUse use = ground.process().resource_use();
  server.resident_bytes = use.resident_bytes;
  server.cpu_percent = use.cpu_percent;
  server.cores = ground.process().cores();
  server.worker_threads = ground.loop_count();
  broker::BrokerCounters& counters = broker_.counters();
  server.connections = counters.clients.load();
  server.connections_total = static_cast<std::uint64_t>(counters.clients_total.load());
  server.slow_consumers = counters.slow_consumers.load();
  server.stale_connections = counters.stale_connections.load();
  server.stalled_clients = counters.stalled_clients.load();
  server.slow_consumers_by_kind.clients = static_cast<std::uint64_t>(server.slow_consumers);
  server.stale_connections_by_kind.clients = static_cast<std::uint64_t>(server.stale_connections);
  for (const auto* entry : broker_.settings().accounts->in_force())
    server.subscriptions += static_cast<std::uint32_t>(entry->account->interest.stats().subscriptions);
  then(std::move(server));
}

// One answer in the making: loops add what they copy of their clients, the last one hands it over.
// `Copy` is made of a client, `slice` of them in one go.
template <class Copy>
class BrokerMonitorSource::Gathering : public std::enable_shared_from_this<Gathering<Copy>> {
 public:
  using MakeCopy = std::function<Copy(const broker::ClientSession&, Instant now, Duration wall_offset)>;
  using Then = std::move_only_function<void(std::vector<std::vector<Copy>>)>;

  Gathering(broker::Broker& broker, sys::Loop& home, std::size_t slice, MakeCopy copy, Then then)
      : broker_(broker), home_(home), slice_(slice), copy_(std::move(copy)), then_(std::move(then)) {}

  // Of all clients, or of those of `page`.
  void start(const std::optional<std::vector<std::uint64_t>>& page) {
    const auto loops = static_cast<std::size_t>(broker_.loop_count());
    ids_.resize(loops);
    gathered_.resize(loops);
    loops_left_ = broker_.loop_count();
    for (std::size_t i = 0; i < loops; ++i) {
      if (page) ids_[i] = *page;
      broker_.loop(static_cast<int>(i)).loop().post([self = this->shared_from_this(), i, all = !page] {
        if (all) self->ids_[i] = self->broker_.clients(static_cast<int>(i)).ids();
        self->gathered_[i].reserve(self->ids_[i].size());
        self->take_slice(i);
      });
    }
  }

 private:
  void take_slice(std::size_t index) {
    broker::LoopClients& clients = broker_.clients(static_cast<int>(index));
    std::vector<std::uint64_t>& left = ids_[index];
    const Instant now = broker_.loop(static_cast<int>(index)).loop().now();
    const Duration wall_offset = broker_.wall_offset();
    for (std::size_t count = 0; count < slice_ && !left.empty(); ++count) {
      broker::ClientConnection* connection = clients.find(left.back());
      left.pop_back();
      if (connection && !connection->session().closed())
        gathered_[index].push_back(copy_(connection->session(), now, wall_offset));
    }
    auto self = this->shared_from_this();
    if (!left.empty())
      return broker_.loop(static_cast<int>(index)).loop().post([self, index] { self->take_slice(index); });
    home_.post([self] {
      if (--self->loops_left_ == 0) self->then_(std::move(self->gathered_));
    });
  }

  broker::Broker& broker_;
  sys::Loop& home_;
  std::size_t slice_;
  MakeCopy copy_;
  Then then_;
  std::vector<std::vector<std::uint64_t>> ids_;  // by loop, those still to copy
  std::vector<std::vector<Copy>> gathered_;      // by loop
  int loops_left_ = 0;                           // on home_
};

std::int64_t BrokerMonitorSource::connection_count() const { return broker_.counters().clients.load(); }

void BrokerMonitorSource::summaries(sys::Loop& home,
                                    std::move_only_function<void(monitor::ConnSummaries)> then) {
  using Summaries = Gathering<monitor::ConnSummary>;
  auto copy = [](const broker::ClientSession& session, Instant, Duration wall_offset) {
    return to_summary(session.summary(wall_offset));
  };
  std::make_shared<Summaries>(broker_, home, slice_summaries, copy, std::move(then))->start({});
}

void BrokerMonitorSource::connections(const monitor::ConnQuery& query, sys::Loop& home,
                                      std::move_only_function<void(monitor::ConnectionsSnapshot)> then) {
  monitor::ConnectionsSnapshot snapshot;
  snapshot.identity = identity();
  for (const auto* entry : broker_.settings().accounts->in_force())
    snapshot.accounts.push_back(entry->account->account.name);
  if (query.state != monitor::ConnState::open) {
    std::vector<monitor::ConnSnapshot>& closed = snapshot.parts.emplace_back();
    for (broker::ClientSnapshot& client : broker_.closed_clients()) {
      Duration offset = broker_.ground().utc_offset(client.start);
      monitor::ConnSnapshot& conn = closed.emplace_back(to_connection(std::move(client), offset, true));
      if (!broker_.settings().accounts->find(conn.account)) conn.account_tag.clear();  // it is gone
    }
  }
  if (query.state == monitor::ConnState::closed) return then(std::move(snapshot));
  using Connections = Gathering<monitor::ConnSnapshot>;
  auto copy = [&broker = broker_, with_subs = query.with_subs](const broker::ClientSession& session,
                                                               Instant now, Duration wall_offset) {
    broker::ClientSnapshot client = session.snapshot(now, wall_offset, with_subs);
    const Duration offset = broker.ground().utc_offset(client.start);
    return to_connection(std::move(client), offset, with_subs);
  };
  auto add = [snapshot = std::move(snapshot),
              then = std::move(then)](std::vector<std::vector<monitor::ConnSnapshot>> open) mutable {
    for (std::vector<monitor::ConnSnapshot>& part : open) snapshot.parts.push_back(std::move(part));
    then(std::move(snapshot));
  };
  std::make_shared<Connections>(broker_, home, slice_clients, copy, std::move(add))->start(query.page);
}

void BrokerMonitorSource::add_details(const broker::AccountInterest& account,
                                      monitor::AccountSnapshot& snapshot) const {
  snapshot.updated = start_;
  const std::string& name = account.account.name;
  const std::string& system_name = broker_.system_account().account.name;
  if (const account::SubjectMappings* mappings = broker_.settings().accounts->of(account).mappings.get()) {
    for (const auto& [source, targets] : mappings->list())
      for (const auto& target : targets)
        snapshot.mappings[source].push_back({target.destination, target.up_to_percent, {}});
  }
  if (broker_.options().no_system_account) return;
  for (const system::OfferedService& service : system::offered_services) {
    if (account.account.system && !service.exported.empty())
      snapshot.exports.push_back(
          {std::string(service.exported), true, false, std::string(service.response_type), {}});
    if (service.imported.empty() || (account.account.system && !service.in_system_account)) continue;
    constexpr std::string_view mark = "{account}";
    std::string subject(service.imported);
    subject.replace(subject.find(mark), mark.size(), name);
    monitor::ImportSnapshot import{subject, system_name, std::string(service.as), std::string(service.as),
                                   true};
    import.share = service.shares_client;
    snapshot.imports.push_back(std::move(import));
  }
}

monitor::AccountSnapshot BrokerMonitorSource::account(const broker::AccountInterest& account,
                                                      const monitor::AccountQuery& query) const {
  monitor::AccountSnapshot snapshot;
  snapshot.name = snapshot.tag = account.account.name;
  broker::InterestStats stats = account.interest.stats();
  snapshot.sublist.subs = static_cast<std::uint32_t>(stats.subscriptions);
  snapshot.sublist.inserts = stats.inserts;
  snapshot.sublist.removes = stats.removes;
  snapshot.sublist.matches = stats.matches;
  snapshot.sublist.fanout_max = stats.fanout_max;
  snapshot.client_connections = account.clients.load();
  snapshot.slow_consumers = account.slow_consumers.load();
  broker::TrafficSum traffic = account.traffic();
  snapshot.sent.all = {traffic.out_msgs, traffic.out_bytes};
  snapshot.received.all = {traffic.in_msgs, traffic.in_bytes};
  if (query.with_details) add_details(account, snapshot);
  if (!query.with_subs) return snapshot;
  account.interest.for_each([&](const broker::Subscription& subscription) {
    monitor::SubSnapshot sub;
    sub.account = sub.account_tag = account.account.name;
    sub.subject = subscription.subject();
    sub.queue = subscription.queue();
    sub.sid = subscription.sid();
    std::uint64_t max = 0;
    sub.msgs = static_cast<std::int64_t>(subscription.subscriber().delivered_to(subscription, max));
    sub.max = static_cast<std::int64_t>(max);
    sub.cid = subscription.subscriber().client_id();
    snapshot.subs.push_back(std::move(sub));
  });
  return snapshot;
}

void BrokerMonitorSource::accounts(const monitor::AccountQuery& query, sys::Loop&,
                                   std::move_only_function<void(monitor::AccountsSnapshot)> then) {
  monitor::AccountsSnapshot snapshot;
  snapshot.identity = identity();
  bool with_system = !broker_.options().no_system_account;
  if (with_system) snapshot.system_account = broker_.system_account().account.name;
  for (const auto* entry : broker_.settings().accounts->in_force()) {
    if (!query.only.empty() && query.only != entry->account->account.name) continue;
    snapshot.accounts.push_back(account(*entry->account, query));
  }
  then(std::move(snapshot));
}

}  // namespace nats::app
