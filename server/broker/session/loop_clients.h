// The clients of one loop: makes them, keeps them, ends them. Only its loop calls it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "server/broker/delivery/counter.h"
#include "server/broker/session/client_connection.h"

namespace nats::broker {

class Barrier;

class LoopClients final : private sys::Timer {
 public:
  LoopClients(Broker& broker, LoopBroker& loop);
  ~LoopClients() override;

  void accept(std::unique_ptr<sys::Stream> stream);
  ClientConnection* find(std::uint64_t client_id);
  std::size_t size() const { return clients_.size(); }
  // Connections here, for any thread: a placement's estimate.
  std::int64_t placed() const { return placed_.get(); }
  // In the order of their ids; clients may end meanwhile.
  void for_each(const std::function<void(ClientConnection&)>& visit);
  void close_all(CloseReason reason);
  // A reload: those who are connected take over what they copy of the settings.
  void take_settings();
  void take_trace_level();
  // Those whose user is gone.
  void close_lost();
  // Those whose proxy is no longer trusted.
  void close_proxied();
  // Everybody; the caller's arrival at the barrier is its own.
  void reauthorize(const std::shared_ptr<Barrier>& barrier);
  std::vector<std::uint64_t> ids() const;

  // From connections.
  void on_closed(ClientConnection& connection);
  void remove_later(ClientConnection& connection);
  void on_warm(ClientConnection& connection) { warm_.push_back(connection.session().id()); }

 private:
  void on_timer(Instant now) override;

  Broker& broker_;
  LoopBroker& loop_;
  boost::unordered_flat_map<std::uint64_t, std::unique_ptr<ClientConnection>> clients_;
  std::vector<std::unique_ptr<ClientConnection>> dead_;
  Counter placed_;
  std::vector<std::uint64_t> warm_;  // those whose memory may be given back soon
};

}  // namespace nats::broker
