// What all loops of a server share: identity, interest, counters. Built by app/ before any loop runs;
// loops read it, and change only what is made for many threads. Settings are each loop's own copy of
// one snapshot (settings.h): a session asks its LoopBroker for them, never the Broker.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/base/log.h"
#include "server/broker/accounts.h"
#include "server/broker/barrier.h"
#include "server/broker/delivery/loop_broker.h"
#include "server/broker/rate_limit.h"
#include "server/broker/session/client_snapshot.h"
#include "server/broker/settings.h"
#include "server/sys/ground.h"

namespace nats::sys {
class TlsGuard;
}

namespace nats::broker {

struct BrokerCounters {
  std::atomic<std::int64_t> slow_consumers{0};
  std::atomic<std::int64_t> stale_connections{0};
  std::atomic<std::int64_t> stalled_clients{0};
  std::atomic<std::int64_t> clients{0};  // open now
  std::atomic<std::int64_t> clients_total{0};
};

class LoopClients;

class Broker {
 public:
  // The reference numbers its internal clients first; none without a system account.
  static constexpr std::uint64_t internal_clients = 4;

  Broker(sys::Ground& ground, Log& log, std::shared_ptr<const config::Options> options, ServerInfo info);
  ~Broker();

  sys::Ground& ground() { return ground_; }
  Log& log() { return log_; }

  // Loop 0 only, and whoever builds the server before loops run.
  const Settings& settings() const { return *settings_; }
  const config::Options& options() const { return *settings_->options; }
  const auth::Authenticator& authenticator() const { return *settings_->authenticator; }
  const ServerInfo& info() const { return settings_->info; }
  // For the start on loop 0, before the listener opens: no other loop looks at it yet.
  ServerInfo& info_at_start() { return *info_at_start_; }

  // A reload, on loop 0: what `options` and `info` say holds there at once, and on each other loop
  // before `done` runs, on loop 0. Connections have taken over what they copy by then, but still have
  // their old permissions.
  void adopt(std::shared_ptr<const config::Options> options, ServerInfo info, sys::Task done);
  // When the configuration in force was read, on loop 0.
  WallTime config_loaded() const { return config_loaded_; }
  void note_config_loaded(WallTime at) { config_loaded_ = at; }
  // Runs `visit` on each loop with its index; who arrives at the barrier later says so first.
  // `done` runs on loop 0 when all have arrived, one arrival for each loop among them.
  using Visit = std::function<void(int loop, const std::shared_ptr<Barrier>& barrier)>;
  void on_each_loop(Visit visit, sys::Task done);

  RateLimit& tls_rate() { return tls_rate_; }
  // Whom TLS streams ask; null: nobody. Set before loops run, and thread-safe itself.
  sys::TlsGuard* tls_guard() const { return tls_guard_; }
  void set_tls_guard(sys::TlsGuard* guard) { tls_guard_ = guard; }
  BrokerCounters& counters() { return counters_; }

  Accounts& accounts() { return accounts_; }
  AccountInterest& global_account() { return accounts_.global(); }
  AccountInterest& system_account() { return accounts_.system(); }

  int loop_count() const { return static_cast<int>(loops_.size()); }
  LoopBroker& loop(int index) { return *loops_[static_cast<std::size_t>(index)]; }
  LoopClients& clients(int index) { return *clients_[static_cast<std::size_t>(index)]; }

  std::uint64_t next_client_id() { return ++last_client_id_; }

  // The wall clock's reading at `at`. Equal instants give equal times; a step of the wall clock shows
  // from the next reading on.
  Duration wall_offset();

  // The last max_closed_clients that ended, oldest first.
  void remember_closed(ClientSnapshot&& client);
  std::vector<ClientSnapshot> closed_clients() const;

  // True once for each text in a second or so: the reference does not repeat itself in the log.
  bool may_log_again(const std::string& text, Instant now);

 private:
  std::shared_ptr<Settings> make_settings(std::shared_ptr<const config::Options> options,
                                          ServerInfo info) const;

  sys::Ground& ground_;
  Log& log_;
  const std::uint64_t user_entropy_;          // for the user that the authenticator may invent
  std::shared_ptr<const Settings> settings_;  // loop 0's
  ServerInfo* info_at_start_ = nullptr;       // in the first Settings
  WallTime config_loaded_;
  const std::size_t closed_clients_max_;
  BrokerCounters counters_;
  Accounts accounts_;
  std::vector<std::unique_ptr<LoopBroker>> loops_;
  std::vector<std::unique_ptr<LoopClients>> clients_;
  std::atomic<std::uint64_t> last_client_id_;
  std::atomic<std::int64_t> wall_offset_ns_;

  RateLimit tls_rate_;
  sys::TlsGuard* tls_guard_ = nullptr;

  mutable std::mutex closed_mutex_;
  std::vector<ClientSnapshot> closed_;  // a ring, under closed_mutex_
  std::size_t closed_next_ = 0;

  std::mutex logged_mutex_;
  std::vector<std::pair<std::string, Instant>> logged_;  // under logged_mutex_
};

}  // namespace nats::broker
