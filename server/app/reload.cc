#include "server/app/reload.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/app/ocsp.h"
#include "server/app/profiling.h"
#include "server/app/server.h"
#include "server/base/log.h"
#include "server/broker/broker.h"
#include "server/broker/session/loop_clients.h"

namespace nats::app {

Reload::Reload(sys::Ground& ground, Server& server, config::Flags flags, ConfigureLog configure_log)
    : ground_(ground),
      server_(server),
      broker_(server.broker()),
      flags_(std::move(flags)),
      configure_log_(std::move(configure_log)) {}

void Reload::request(Done done) {
  waiting_.push_back(std::move(done));
  if (!running_) read();
}

void Reload::read() {
  running_ = true;
  previous_ = broker_.settings().options;
  auto next = std::make_shared<Result<config::Options>>();
  auto work = [this, next] {
    auto environment = [this](std::string_view name) { return ground_.process().environment(name); };
    *next = config::options_for_reload(*previous_, flags_, ground_.files(), environment, ground_.tls());
  };
  ground_.workers().run(std::move(work), ground_.loop(0), [this, next] { on_read(std::move(*next)); });
}

void Reload::on_read(Result<config::Options> next) {
  if (!next) return finish(std::unexpected(next.error()));
  if (next->tls && !next->tls->context)
    return finish(fail(ErrorCode::unsupported, "TLS is not available on this ground"));
  // To the reference a configuration that functions were put into is another one.
  bool plugged = server_.ocsp().checks_peers() || server_.ocsp().staples();
  Result<config::ReloadPlan> plan =
      config::plan_reload(*previous_, *next, broker_.settings().tls_used.load() || plugged);
  if (!plan) return finish(std::unexpected(plan.error()));
  broker::ServerInfo info = broker_.info();
  if (Result<void> advertised = server_.advertise(*next, info); !advertised)
    return finish(std::move(advertised));
  plan_ = std::move(*plan);
  if (plan_.changes_field("TLSConfig")) {
    info.tls_required = next->tls && !next->allow_non_tls;
    if (next->tls) info.tls_verify = next->tls->verify;
  }
  next_change_ = 0;
  auto options = std::make_shared<const config::Options>(std::move(*next));
  broker_.adopt(std::move(options), std::move(info), [this] { apply_changes(); });
}

void Reload::apply_changes() {
  while (next_change_ < plan_.changes.size()) {
    const config::OptionChange& change = plan_.changes[next_change_++];
    if (!apply(change)) return;
    note(change);
  }
  apply_log();
}

void Reload::note(const config::OptionChange& change) {
  if (!change.notice.empty()) broker_.log().info("{}", change.notice);
}

// What an option does once. False: it is not through yet and goes on with apply_changes() itself.
bool Reload::apply(const config::OptionChange& change) {
  const config::Options& options = broker_.options();
  if (change.field == "MaxConn") {
    close_surplus();
    return false;
  }
  if (change.field == "Proxies") {
    close_proxied();
    return false;
  }
  if (change.field == "PidFile" && !options.pid_file.empty()) {
    Result<void> written = server_.write_pid_file();
    if (!written) broker_.log().error("Failed to write pidfile: {}", written.error().detail);
  }
  if (change.field == "PortsFileDir") {
    // Without a directory so far the reference looks for the old file in the new one.
    server_.remove_ports_file(previous_->ports_file_dir.empty() ? options.ports_file_dir
                                                                : previous_->ports_file_dir);
    if (!options.ports_file_dir.empty()) server_.write_ports_file();
  }
  if (change.field == "ProfBlockRate") warn_of_block_profiling(broker_.log(), options.prof_block_rate);
  return true;
}

void Reload::close_surplus() {
  clients_.assign(static_cast<std::size_t>(broker_.loop_count()), {});
  auto gather = [this](int loop, const std::shared_ptr<broker::Barrier>& barrier) {
    broker_.clients(loop).for_each([&](broker::ClientConnection& connection) {
      if (!connection.session().closed())
        clients_[static_cast<std::size_t>(loop)].push_back(connection.session().id());
    });
    barrier->arrive();
  };
  broker_.on_each_loop(std::move(gather), [this] { begin_closing_surplus(); });
}

// The reference closes whom its map happens to give first; here the newest go.
void Reload::begin_closing_surplus() {
  std::vector<std::uint64_t> all;
  for (const auto& ids : clients_) all.insert(all.end(), ids.begin(), ids.end());
  auto kept = static_cast<std::size_t>(std::max(broker_.options().max_connections, 0));
  auto go_on = [this, surplus = all.size() > kept ? all.size() - kept : 0] {
    if (surplus > 0) broker_.log().info("Closed {} connections to fall within max_connections", surplus);
    note(plan_.changes[next_change_ - 1]);
    apply_changes();
  };
  if (all.size() <= kept) return go_on();
  std::sort(all.begin(), all.end());
  auto close = [this, first = all[kept]](int loop, const std::shared_ptr<broker::Barrier>& barrier) {
    for (std::uint64_t id : clients_[static_cast<std::size_t>(loop)]) {
      broker::ClientConnection* connection = id >= first ? broker_.clients(loop).find(id) : nullptr;
      if (!connection) continue;
      connection->session().refuse_connection();
      connection->settle();
    }
    barrier->arrive();
  };
  broker_.on_each_loop(std::move(close), std::move(go_on));
}

void Reload::close_proxied() {
  auto close = [this](int loop, const std::shared_ptr<broker::Barrier>& barrier) {
    broker_.clients(loop).close_proxied();
    barrier->arrive();
  };
  broker_.on_each_loop(std::move(close), [this] {
    note(plan_.changes[next_change_ - 1]);
    apply_changes();
  });
}

void Reload::apply_log() {
  server_.services().on_reload();
  bool logs = plan_.has_effect(config::ReloadEffect::logging);
  if (logs && !configure_log_(broker_.options())) return;
  bool traces = plan_.has_effect(config::ReloadEffect::trace_level);
  auto prepare = [this, traces](int loop, const std::shared_ptr<broker::Barrier>& barrier) {
    broker::LoopClients& clients = broker_.clients(loop);
    if (traces) clients.take_trace_level();
    // Before anybody else is looked at, like in the reference.
    clients.close_lost();
    barrier->arrive();
  };
  broker_.on_each_loop(std::move(prepare), [this] { check_clients(); });
}

void Reload::check_clients() {
  auto check = [this](int loop, const std::shared_ptr<broker::Barrier>& barrier) {
    broker_.clients(loop).reauthorize(barrier);
    barrier->arrive();
  };
  broker_.on_each_loop(std::move(check), [this] { restart_ocsp(); });
}

void Reload::restart_ocsp() {
  server_.ocsp().reload(broker_.settings().options, [this](Result<void> restarted) {
    if (!restarted) broker_.log().warning("Can't restart OCSP features: {}", restarted.error().detail);
    announce();
  });
}

void Reload::announce() {
  const std::string& digest = broker_.options().config_digest;
  broker_.log().info("Reloaded server configuration {}", digest.empty() ? "" : fmt::format("({})", digest));
  if (plan_.changes_field("TLSPinnedCerts")) return find_unpinned();
  succeed();
}

// Clients whose certificates are no longer pinned.
void Reload::find_unpinned() {
  clients_.assign(static_cast<std::size_t>(broker_.loop_count()), {});
  auto find = [this](int loop, const std::shared_ptr<broker::Barrier>& barrier) {
    broker_.clients(loop).for_each([&](broker::ClientConnection& connection) {
      if (connection.session().closed() || connection.session().is_pinned()) return;
      clients_[static_cast<std::size_t>(loop)].push_back(connection.session().id());
    });
    barrier->arrive();
  };
  broker_.on_each_loop(std::move(find), [this] { close_unpinned(); });
}

void Reload::close_unpinned() {
  std::size_t count = 0;
  for (const auto& ids : clients_) count += ids.size();
  if (count == 0) return succeed();
  broker_.log().info("Disconnect {} clients due to pinned certs reload", count);
  auto close = [this](int loop, const std::shared_ptr<broker::Barrier>& barrier) {
    for (std::uint64_t id : clients_[static_cast<std::size_t>(loop)])
      if (broker::ClientConnection* connection = broker_.clients(loop).find(id))
        connection->close(broker::CloseReason::tls_handshake_failure);
    barrier->arrive();
  };
  broker_.on_each_loop(std::move(close), [this] { succeed(); });
}

void Reload::succeed() {
  broker_.note_config_loaded(ground_.wall_now());
  finish({});
}

void Reload::finish(Result<void> outcome) {
  previous_.reset();
  running_ = false;
  Done done = std::move(waiting_.front());
  waiting_.pop_front();
  // It may ask for another one.
  done(std::move(outcome));
  if (!running_ && !waiting_.empty()) read();
}

}  // namespace nats::app
