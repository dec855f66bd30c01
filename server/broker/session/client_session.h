// A client's session: a machine that is fed bytes and deadlines. It belongs to one loop; what other
// loops need of it is its outlet.
//
// on_bytes() until nothing is left or it returns early; on_deadline() when deadline() has come;
// closed() after every call. What it writes goes to the outlet.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/auth/credentials.h"
#include "server/base/log.h"
#include "server/base/time.h"
#include "server/broker/session/client_error.h"
#include "server/broker/session/client_outlet.h"
#include "server/broker/session/client_snapshot.h"
#include "server/broker/session/close_reason.h"
#include "server/broker/session/connect_options.h"
#include "server/broker/session/server_info.h"
#include "server/broker/session/tls_facts.h"
#include "server/protocol/client_parser.h"
#include "server/sys/stream.h"

namespace nats::auth {
struct AuthOutcome;
struct User;
}  // namespace nats::auth

namespace nats::broker {

class Barrier;
class Broker;
class LoopBroker;
struct AccountInterest;

class ClientSession final : private protocol::ClientOps {
 public:
  ClientSession(Broker& broker, LoopBroker& loop, std::uint64_t client_id, sys::Endpoint remote, Instant now);
  ~ClientSession() override;

  // Sends the first INFO, unless that comes behind a handshake; closes where the server has connections
  // enough.
  void start(Instant now, bool tls_first);
  // The client may speak: what TLS there is to be is there. Sends the INFO that was put off.
  void open(Instant now, std::unique_ptr<const TlsFacts> tls);
  // A proxy says for whom it speaks: INFO, /connz and permissions know that address; log lines do not.
  void set_client_address(sys::Endpoint address);
  // INFO to who was expected to begin with a handshake and did not.
  void send_first_info();
  // How many bytes it took. Fewer than all: it waits for the answer of a worker or pauses a fast
  // producer; the rest is fed again when `paused_until` has come or resume() was called.
  std::size_t on_bytes(Bytes in, Instant now);
  void on_deadline(Instant now);
  std::optional<Instant> deadline() const;

  AccountInterest& account() const { return *account_; }
  bool paused() const { return waits_for_worker_ || paused_until_; }
  std::optional<CloseReason> closed() const { return closed_; }
  // Ends it from outside: the peer went, the server stops.
  void close(CloseReason reason);
  void close_with(ClientError error);
  // There are more connections than may be.
  void refuse_connection();
  // A handshake that came to nothing. `probe`: as those are told who may well not want any TLS.
  void close_for_handshake(std::string_view reason, bool probe);
  // The same because it took too long.
  void close_for_handshake_timeout(std::string_view reason);

  // What deliveries from other loops have changed: subscriptions that reached their limit, an
  // outbox that overflowed.
  void settle();

  // A write missed its deadline: true where it counts as a slow consumer.
  bool note_slow_write() const { return !expect_connect_ || connect_received_; }
  std::size_t subscription_count() const { return subscriptions_.size(); }

  const Ref<ClientOutlet>& outlet() const { return outlet_; }
  std::uint64_t id() const { return client_id_; }
  // "127.0.0.1:50238 - cid:5 - "name"", as log lines begin.
  std::string label() const;
  // `wall_offset` is the broker's, read once for many clients.
  ClientSummary summary(Duration wall_offset) const;
  ClientSnapshot snapshot(Instant now, Duration wall_offset, bool with_subs) const;
  // The user that authenticated, "" without one; a token shows as "[REDACTED]".
  std::string_view user() const;
  // An INFO that nobody asked for, to those who said that they understand it: find another server.
  void send_lame_duck_info();

  // A reload (client_reload.cc). Limits that the session keeps a copy of; the log's levels.
  void take_settings();
  void take_trace_level();
  // The certificate it showed is one of those that are pinned, if any are.
  bool is_pinned() const;
  // Open, and the user it named is gone.
  bool has_lost_its_user() const;
  // Open, and the proxy that it came through is no longer trusted.
  bool has_lost_its_proxy() const;
  void close_for_lost_proxy();
  // Checked anew, as if it said CONNECT again: refused it is closed, accepted it gets the user's
  // permissions of now and loses the subscriptions that they forbid. Arrives when that is done.
  void reauthorize(const std::shared_ptr<Barrier>& barrier);

 private:
  enum class InfoKind : std::uint8_t {
    first,
    behind_handshake,
    behind_first_pong,
  };

  // What a proxy between says or has proven.
  struct ProxyFacts {
    std::optional<sys::Endpoint> client;  // for whom it speaks; none: for itself
    std::string key;                      // that is trusted; empty: none
  };

  struct BySid {
    using is_transparent = void;
    std::size_t operator()(std::string_view sid) const { return std::hash<std::string_view>()(sid); }
    std::size_t operator()(const Ref<Subscription>& s) const { return (*this)(s->sid()); }
    bool operator()(const Ref<Subscription>& a, const Ref<Subscription>& b) const {
      return a->sid() == b->sid();
    }
    bool operator()(std::string_view a, const Ref<Subscription>& b) const { return a == b->sid(); }
    bool operator()(const Ref<Subscription>& a, std::string_view b) const { return a->sid() == b; }
  };

  protocol::Next on_op_before_connect() override;
  protocol::Next on_connect(std::string_view json) override;
  std::string_view map_subject(std::string_view subject);
  protocol::Next on_publish_line(const protocol::PublishLine& line) override;
  protocol::Next on_publish(const protocol::Publish& publish) override;
  protocol::Next on_subscribe(std::string_view subject, std::string_view queue, bool has_queue,
                              std::string_view sid) override;
  protocol::Next on_unsubscribe(std::string_view sid, std::int64_t max) override;
  protocol::Next on_ping() override;
  protocol::Next on_pong() override;
  protocol::Next on_info(std::string_view json) override;
  protocol::Next on_error_from_client(std::string_view text) override;
  void on_unknown_operation(std::string_view log_text) override;
  void on_malformed(std::string_view log_text) override;
  void on_control_line_too_long() override;
  void on_trace(std::string_view op, std::string_view argument, bool has_argument) override;

  // Is closed, and goes through the rest of its last read.
  bool finishes_read() const { return closed_ == CloseReason::parse_error; }
  // To the client; nothing to a closed one.
  void tell(std::string_view ops);
  void send_error(std::string_view text);
  void send_error(ClientError error) { send_error(row_of(error).text); }
  void send_ok();
  void send_info(InfoKind kind);
  void make_nonce();
  void send_ping(Instant now);
  void refuse_publish(std::string_view subject);
  void send_no_responders(std::string_view subject, std::string_view reply);
  bool subscribe_is_allowed(std::string_view subject, std::string_view queue, bool has_queue,
                            std::string_view sid);
  void unsubscribe(Subscription& subscription);
  void end_all_subscriptions();
  protocol::Next after_publish();
  void end_stalls();
  const sys::Endpoint& client_address() const { return proxy_ && proxy_->client ? *proxy_->client : remote_; }
  ProxyFacts& proxy_facts();
  ClientInfo describe_info() const;
  protocol::Next authenticate(bool from_connect);
  protocol::Next on_authenticated(bool from_connect, const auth::AuthOutcome& outcome);
  auth::Credentials offered_credentials() const;
  bool refuse_unless_accepted(const auth::AuthOutcome& outcome);
  void on_reauthorized(const auth::AuthOutcome& outcome);
  void end_forbidden_subscriptions();
  protocol::Next finish_connect();
  void describe_client();
  // Its connections are full: false, and this one is closed.
  bool join_account(AccountInterest& account);
  AccountInterest& account_of(const auth::User& user) const;
  void leave_account();
  void apply_account_limits();
  std::int64_t subscriptions_max() const;
  void schedule_first_ping();
  void on_ping_timer(Instant now);
  void on_authentication_timeout();
  void refuse_authentication(CloseReason reason = CloseReason::authentication_failure);
  void log_error(std::string_view text);
  void log_rarely(LogLevel level, std::string_view text);
  void count_read();

  Broker& broker_;
  LoopBroker& loop_;
  AccountInterest* account_;
  bool counts_in_account_ = false;
  Ref<ClientOutlet> outlet_;
  protocol::ClientParser parser_;
  std::uint64_t client_id_;
  sys::Endpoint remote_;
  std::unique_ptr<ProxyFacts> proxy_;  // null: there is none, as far as is known
  ConnectOptions connect_;
  auth::Credentials credentials_;  // as authenticated
  std::unique_ptr<const TlsFacts> tls_;
  std::string label_details_;  // ` - "v1.0:go:name"`, behind the id
  boost::unordered_flat_set<Ref<Subscription>, BySid, BySid> subscriptions_;
  std::uint32_t subscriptions_at_close_ = 0;
  std::vector<SubscriptionSnapshot> subs_at_close_;

  std::optional<CloseReason> closed_;
  bool expect_connect_ = false;
  bool connect_received_ = false;
  bool first_pong_sent_ = false;
  std::string nonce_;       // what a user with an nkey signs; empty where there is none
  bool nkey_user_ = false;  // it authenticated with an nkey
  bool tls_first_ = false;  // INFO waits for the handshake
  bool described_ = false;  // CONNECT's names are in the label
  bool waits_for_worker_ = false;
  bool refused_ = false;  // an op ended the connection
  bool active_ = false;   // this read carried messages or changed interest
  int pings_out_ = 0;
  Instant now_;
  Instant start_;
  Instant last_activity_;
  Instant last_in_;
  std::optional<Instant> ping_sent_;  // none yet
  Duration rtt_;
  std::optional<Instant> paused_until_;
  Duration stalled_;  // pauses of this read so far
  std::optional<Instant> ping_at_;
  std::optional<Instant> authenticate_by_;
  std::int64_t in_msgs_ = 0;
  std::int64_t in_bytes_ = 0;
  std::int64_t read_msgs_ = 0;  // of this read so far
  std::int64_t read_bytes_ = 0;
};

}  // namespace nats::broker
