#include "server/broker/session/loop_clients.h"

#include <algorithm>
#include <utility>

#include "server/broker/broker.h"
#include "server/config/options.h"
#include "server/sys/tls.h"

namespace nats::broker {
namespace {

constexpr Duration sweep_interval = Duration::from_ms(500);

}  // namespace

LoopClients::LoopClients(Broker& broker, LoopBroker& loop) : broker_(broker), loop_(loop) {}
LoopClients::~LoopClients() = default;

void LoopClients::accept(std::unique_ptr<sys::Stream> stream) {
  std::uint64_t id = broker_.next_client_id();
  std::unique_ptr<ClientConnection> connection;
  if (std::shared_ptr<const config::Tls> tls = loop_.settings().options->tls) {
    auto secure = broker_.ground().tls()->server_stream(std::move(stream), tls->context, broker_.tls_guard());
    connection = std::make_unique<ClientConnection>(broker_, loop_, *this, std::move(secure), tls, id);
  } else {
    connection = std::make_unique<ClientConnection>(broker_, loop_, *this, std::move(stream), id);
  }
  ClientConnection& made = *connection;
  clients_.emplace(id, std::move(connection));
  placed_.add(1);
  if (!armed()) loop_.loop().arm(*this, loop_.loop().now() + sweep_interval);
  made.start();
}

ClientConnection* LoopClients::find(std::uint64_t client_id) {
  auto it = clients_.find(client_id);
  return it == clients_.end() ? nullptr : it->second.get();
}

std::vector<std::uint64_t> LoopClients::ids() const {
  std::vector<std::uint64_t> ids;
  ids.reserve(clients_.size());
  for (const auto& [id, connection] : clients_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

void LoopClients::for_each(const std::function<void(ClientConnection&)>& visit) {
  for (std::uint64_t id : ids())
    if (ClientConnection* connection = find(id)) visit(*connection);
}

void LoopClients::close_all(CloseReason reason) {
  for_each([&](ClientConnection& connection) { connection.close(reason); });
}

void LoopClients::take_settings() {
  for_each([](ClientConnection& connection) { connection.session().take_settings(); });
}

void LoopClients::take_trace_level() {
  for_each([](ClientConnection& connection) { connection.session().take_trace_level(); });
}

void LoopClients::close_lost() {
  for_each([](ClientConnection& connection) {
    if (connection.session().has_lost_its_user()) connection.close(CloseReason::client_closed);
  });
}

void LoopClients::close_proxied() {
  for_each([](ClientConnection& connection) {
    if (!connection.session().has_lost_its_proxy()) return;
    connection.session().close_for_lost_proxy();
    connection.settle();
  });
}

void LoopClients::reauthorize(const std::shared_ptr<Barrier>& barrier) {
  for_each([&](ClientConnection& connection) {
    barrier->expect_another();
    connection.session().reauthorize(barrier);
    connection.settle();
  });
}

void LoopClients::on_closed(ClientConnection& connection) {
  sys::Loop& loop = loop_.loop();
  ClientSnapshot snapshot = connection.session().snapshot(loop.now(), broker_.wall_offset(), true);
  broker_.remember_closed(std::move(snapshot));
}

void LoopClients::remove_later(ClientConnection& connection) {
  auto it = clients_.find(connection.session().id());
  if (it == clients_.end()) return;
  dead_.push_back(std::move(it->second));
  clients_.erase(it);
  placed_.add(-1);
  // The connection may be further up the stack.
  if (dead_.size() == 1) loop_.loop().post([this] { dead_.clear(); });
}

void LoopClients::on_timer(Instant now) {
  std::erase_if(warm_, [&](std::uint64_t id) {
    ClientConnection* connection = find(id);
    return !connection || connection->cool_down(now);
  });
  loop_.drop_stale_matches();
  if (!clients_.empty()) loop_.loop().arm(*this, now + sweep_interval);
}

}  // namespace nats::broker
