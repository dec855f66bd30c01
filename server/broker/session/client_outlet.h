// A client's side that any loop may write to: its outbox and what a delivery must know of it.
//
// Created and closed by the client's connection, on its loop; refcounted, because cached matches
// name it longer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/auth/session_access.h"
#include "server/broker/delivery/outlet.h"
#include "server/broker/session/close_reason.h"
#include "server/broker/session/outbox.h"

namespace nats::broker {

class ClientConnection;
class Broker;
struct AccountInterest;

class ClientOutlet final : public Outlet {
 public:
  ClientOutlet(LoopBroker& home, Broker& broker, AccountInterest& account, std::uint64_t client_id);

  bool deliver(Subscription& subscription, const Message& message, const Subscriber* origin,
               LoopBroker& broker) override;
  void flush(Instant now) override;
  std::uint64_t client_id() const override { return client_id_; }
  std::uint64_t delivered_to(const Subscription& subscription, std::uint64_t& max) override;

  // The rest is for the home loop.

  // An op of the server's own: INFO, PONG, +OK, -ERR, a 503.
  void append(Bytes op);
  // What CONNECT said that deliveries must know.
  void set_options(bool echo, bool headers);
  // All subscriptions have ended.
  void set_account(AccountInterest& account);
  // Deliveries are traced under this label; empty: they are not.
  void set_trace_label(std::string label);
  auth::SessionAccess& access() { return access_; }
  void set_connection(ClientConnection* connection) { connection_ = connection; }
  ClientConnection* connection() const { return connection_; }

  // UNSUB: true where the subscription is to end now.
  bool limit(Subscription& subscription, std::int64_t max);
  // It takes no more deliveries; false where it had ended already.
  bool end(Subscription& subscription);
  struct Expired {
    Ref<Subscription> subscription;
    bool logged = false;  // between the lines of the delivery that did it, where those are traced
  };
  // Those that reached their limit since the last call.
  std::vector<Expired> take_expired();

  // Takes nothing more; drops what is unsent unless `keep_unsent`.
  void close(bool keep_unsent);
  // Somebody found the outbox over its limit.
  bool overflowed();
  // There were expired subscriptions or an overflow at the last next_front() or note_written().
  bool needs_attention() const { return needs_attention_; }

  // Writing. `written` octets of the front have gone since the last call. True: the front has
  // something to write.
  bool next_front(std::size_t written);
  // The same without going on: the stream is full.
  void note_written(std::size_t written);
  Outbox& outbox() { return outbox_; }
  void free_idle_memory();

  struct Counts {
    std::int64_t out_msgs = 0;
    std::int64_t out_bytes = 0;
    std::int64_t stalls = 0;
    std::int64_t pending_bytes = 0;
    Instant last_delivery;
  };
  Counts counts();

 private:
  void append_message(const Subscription& subscription, const Message& message);
  void check_limits();
  void begin_flush(std::size_t written);
  void log_expiry(const Subscription& subscription);
  void trace_message(const Subscription& subscription, const Message& message, const LoopBroker& broker);
  bool take_news() { return std::exchange(news_, false); }
  bool take_early() { return !std::exchange(early_asked_, true); }

  Broker& broker_;
  const std::uint64_t client_id_;
  const std::int64_t pending_bytes_max_;
  ClientConnection* connection_ = nullptr;  // the home loop only
  bool needs_attention_ = false;            // the home loop only
  auth::SessionAccess access_;

  // Under mutex_.
  AccountInterest* account_;
  Outbox outbox_;
  bool echo_ = true;
  bool headers_ = false;
  bool closed_ = false;
  bool overflowed_ = false;
  bool falling_behind_ = false;  // the reference's stall gate
  bool early_asked_ = false;
  bool news_ = false;  // the home loop must hear of it, even while its stream is full
  std::string trace_label_;
  Counts counts_;
  std::vector<Expired> expired_;
};

}  // namespace nats::broker
