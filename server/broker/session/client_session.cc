#include "server/broker/session/client_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "server/auth/permissions.h"
#include "server/auth/redact.h"
#include "server/auth/server_identity.h"
#include "server/broker/broker.h"
#include "server/broker/session/client_connection.h"
#include "server/broker/session/client_trace.h"
#include "server/gojson/go_quote.h"
#include "server/gojson/time_text.h"
#include "server/subject/subject.h"

namespace nats::broker {
namespace {

using protocol::Next;

constexpr std::string_view pong_op = "PONG\r\n";
constexpr Duration first_ping_max = Duration::from_seconds(2);
// A round trip older than this is measured again, whatever else the client does.
constexpr Duration rtt_age_max = Duration::from_seconds(3600);
constexpr Duration stall_worth_telling = Duration::from_ms(5);

}  // namespace

ClientSession::ClientSession(Broker& broker, LoopBroker& loop, std::uint64_t client_id, sys::Endpoint remote,
                             Instant now)
    : broker_(broker),
      loop_(loop),
      account_(&broker.global_account()),
      outlet_(new ClientOutlet(loop, broker, *account_, client_id)),
      parser_(*this),
      client_id_(client_id),
      remote_(std::move(remote)),
      now_(now),
      start_(now),
      last_activity_(now),
      last_in_(now) {
  parser_.settings.trace_ops = broker.log().trace_enabled();
  parser_.settings.check_publish_line = connect_.pedantic;
  take_settings();
}

ClientSession::~ClientSession() {
  // A server that stops does not end its clients one by one.
  end_all_subscriptions();
}

void ClientSession::start(Instant now, bool tls_first) {
  now_ = now;
  tls_first_ = tls_first;
  BrokerCounters& counters = broker_.counters();
  counters.clients_total.fetch_add(1, std::memory_order_relaxed);
  std::int64_t before = counters.clients.fetch_add(1, std::memory_order_relaxed);
  account_->clients.fetch_add(1, std::memory_order_relaxed);
  counts_in_account_ = true;
  broker_.log().debug("{} - Client connection created", label());
  if (parser_.settings.trace_ops) outlet_->set_trace_label(label());
  expect_connect_ = loop_.settings().authenticator->auth_required();
  parser_.settings.expect_connect = expect_connect_;
  if (loop_.settings().authenticator->nonce_required()) make_nonce();
  if (!tls_first) send_info(InfoKind::first);
  int connections_max = loop_.settings().options->max_connections;
  if (connections_max < 0 || (connections_max > 0 && before >= connections_max)) refuse_connection();
}

void ClientSession::make_nonce() {
  std::array<char, auth::nonce_entropy_size> octets;
  broker_.ground().entropy().fill(octets);
  nonce_ = auth::encode_nonce(octets);
}

void ClientSession::open(Instant now, std::unique_ptr<const TlsFacts> tls) {
  now_ = now;
  tls_ = std::move(tls);
  if (tls_ && tls_first_) send_info(InfoKind::behind_handshake);
  const Settings& settings = loop_.settings();
  if (expect_connect_) authenticate_by_ = now + settings.authenticator->timeout();
  ping_at_ = now + settings.options->ping_interval;
  if (!tls_) return;
  broker_.log().debug("{} - TLS handshake complete", label());
  broker_.log().debug("{} - TLS version {}, cipher suite {}", label(), tls_->version, tls_->cipher_suite);
}

void ClientSession::set_client_address(sys::Endpoint address) { proxy_facts().client = std::move(address); }

ClientSession::ProxyFacts& ClientSession::proxy_facts() {
  if (!proxy_) proxy_ = std::make_unique<ProxyFacts>();
  return *proxy_;
}

void ClientSession::send_first_info() {
  tls_first_ = false;
  send_info(InfoKind::first);
}

void ClientSession::close_for_handshake(std::string_view reason, bool probe) {
  if (closed_) return;
  if (probe)
    broker_.log().debug("{} - TLS handshake error: {}", label(), reason);
  else
    log_error(fmt::format("TLS handshake error: {}", reason));
  close(CloseReason::tls_handshake_failure);
}

void ClientSession::close_for_handshake_timeout(std::string_view reason) {
  if (closed_) return;
  close_for_handshake(reason, true);
  broker_.log().debug("{} - TLS handshake timeout", label());
  // The reference finds its connection closed already: the log alone shows it.
  send_error(ClientError::tls_required);
}

void ClientSession::refuse_connection() {
  if (closed_) return;
  now_ = loop_.loop().now();
  send_error(ClientError::max_connections_exceeded);
  log_rarely(LogLevel::error, row_of(ClientError::max_connections_exceeded).text);
  close(CloseReason::max_connections_exceeded);
}

std::size_t ClientSession::on_bytes(Bytes in, Instant now) {
  if (closed_) return in.size();
  if (paused()) return 0;
  now_ = now;
  loop_.begin_publisher(stalled_);
  std::size_t taken = parser_.feed(in);
  count_read();
  if (taken == in.size()) end_stalls();
  if (std::exchange(active_, false)) last_activity_ = last_in_ = now;
  return taken;
}

// The reference counts a read's messages when it was parsed to its end: those before an op that is
// refused are delivered but not counted.
void ClientSession::count_read() {
  std::int64_t msgs = std::exchange(read_msgs_, 0);
  std::int64_t bytes = std::exchange(read_bytes_, 0);
  if (msgs == 0 || refused_) return;
  in_msgs_ += msgs;
  in_bytes_ += bytes;
  Traffic& traffic = account_->traffic(loop_.index());
  traffic.in_msgs.add(msgs);
  traffic.in_bytes.add(bytes);
}

std::optional<Instant> ClientSession::deadline() const {
  if (closed_) return std::nullopt;
  std::optional<Instant> first;
  for (const std::optional<Instant>& at : {ping_at_, authenticate_by_, paused_until_})
    if (at && (!first || *at < *first)) first = at;
  return first;
}

void ClientSession::on_deadline(Instant now) {
  if (closed_) return;
  now_ = now;
  if (paused_until_ && *paused_until_ <= now) paused_until_.reset();
  if (authenticate_by_ && *authenticate_by_ <= now) {
    authenticate_by_.reset();
    on_authentication_timeout();
  }
  if (!closed_ && ping_at_ && *ping_at_ <= now) on_ping_timer(now);
}

void ClientSession::on_authentication_timeout() {
  send_error(ClientError::authentication_timeout);
  if (broker_.log().debug_enabled())
    log_rarely(LogLevel::debug, row_of(ClientError::authentication_timeout).text);
  close(CloseReason::authentication_timeout);
}

void ClientSession::on_ping_timer(Instant now) {
  broker_.log().debug("{} - Client Ping Timer", label());
  const config::Options& options = *loop_.settings().options;
  bool needs_rtt = rtt_.ns == 0 || !ping_sent_ || now - *ping_sent_ > rtt_age_max;
  if (needs_rtt || now - last_in_ >= options.ping_interval) {
    if (pings_out_ + 1 > options.ping_max) {
      broker_.log().debug("{} - Stale Client Connection - Closing", label());
      broker_.counters().stale_connections.fetch_add(1, std::memory_order_relaxed);
      return close_with(ClientError::stale_connection);
    }
    send_ping(now);
  } else {
    std::int64_t seconds = (now - last_in_).ns / 1'000'000'000;
    broker_.log().debug("{} - Delaying PING due to remote client data or ping {}s ago", label(), seconds);
  }
  ping_at_ = now + options.ping_interval;
}

// The first PING comes early, to measure the round trip.
void ClientSession::schedule_first_ping() {
  Duration wait = std::min(loop_.settings().options->ping_interval, first_ping_max);
  std::int64_t spread = wait.ns / 5;
  if (spread > 0)
    wait =
        wait + Duration{static_cast<std::int64_t>(loop_.next_random() % static_cast<std::uint64_t>(spread))};
  ping_at_ = now_ + wait;
}

void ClientSession::close(CloseReason reason) {
  if (closed_) return;
  subs_at_close_ = snapshot(now_, {}, true).subs;
  subscriptions_at_close_ = static_cast<std::uint32_t>(subscriptions_.size());
  closed_ = reason;
  broker_.counters().clients.fetch_sub(1, std::memory_order_relaxed);
  leave_account();
  broker_.log().debug("{} - Client connection closed: {}", label(), text_of(reason));
  // A server that stops says nothing of their subscriptions.
  if (reason == CloseReason::server_shutdown) parser_.settings.trace_ops = false;
  end_all_subscriptions();
}

void ClientSession::close_with(ClientError error) {
  send_error(error);
  if (std::optional<CloseReason> reason = row_of(error).closes) close(*reason);
}

void ClientSession::settle() {
  for (const auto& [subscription, logged] : outlet_->take_expired()) {
    if (!logged)
      broker_.log().debug("{} - Auto-unsubscribe limit of {} reached for sid '{}'", label(),
                          subscription->delivered, subscription->sid());
    auto it = subscriptions_.find(subscription);
    if (it != subscriptions_.end() && *it == subscription) subscriptions_.erase(it);
  }
  if (!closed_ && outlet_->overflowed()) {
    broker_.log().info("{} - Slow Consumer Detected: MaxPending of {} Exceeded", label(),
                       loop_.settings().options->max_pending);
    close(CloseReason::slow_consumer_pending_bytes);
  }
}

// --- What a client says.

Next ClientSession::on_op_before_connect() {
  if (loop_.settings().authenticator->may_skip_connect(auth::ConnectionType::standard))
    return authenticate(false);
  refuse_authentication();
  return Next::stop;
}

Next ClientSession::on_publish_line(const protocol::PublishLine& line) {
  std::int64_t payload_max = parser_.settings.payload_max;
  if (line.size > payload_max) {
    refused_ = true;
    log_error(fmt::format("maximum payload exceeded: {} vs {}", line.size, payload_max));
    close_with(ClientError::max_payload_violation);
    return Next::stop;
  }
  if (connect_.pedantic && !subject::is_valid_literal(line.subject))
    send_error(ClientError::invalid_publish_subject);
  return Next::go_on;
}

// The subject that counts from here on: for permissions, delivery and 503s.
std::string_view ClientSession::map_subject(std::string_view subject) {
  const account::SubjectMappings* mappings = loop_.settings().accounts->of(*account_).mappings.get();
  if (!mappings) return subject;
  std::string& mapped = loop_.mapped_subject();
  if (!mappings->map(subject, loop_.next_random(), mapped)) return subject;
  if (parser_.settings.trace_ops)
    broker_.log().trace("{} - <<- [MAPPING {} -> {}]", label(), subject, mapped);
  return mapped;
}

Next ClientSession::on_publish(const protocol::Publish& publish) {
  active_ = true;
  ++read_msgs_;
  read_bytes_ += publish.size;
  const std::string_view subject = map_subject(publish.subject);
  if (parser_.settings.trace_ops) {
    std::string payload = traced_payload(*loop_.settings().options, publish.data, publish.header_size);
    if (!payload.empty()) broker_.log().trace("{} - <<- MSG_PAYLOAD: [{}]", label(), payload);
  }
  bool reserved = !subject.empty() && (subject[0] == '$' || subject[0] == '_') &&
                  auth::is_reserved_for_publish(subject, account_ == &broker_.system_account());
  if (reserved || !outlet_->access().may_publish(subject, now_)) {
    refuse_publish(subject);
    return Next::go_on;
  }
  if (!publish.reply.empty() && auth::is_reserved_reply(publish.reply)) {
    std::string quoted = gojson::go_quote(publish.reply);
    send_error(fmt::format("Permissions Violation for Publish with Reply of {}", quoted));
    log_error(fmt::format("Publish Violation - Reply {}", quoted));
    return Next::go_on;
  }
  if (connect_.verbose) send_ok();
  Message message;
  message.subject = subject;
  message.reply = publish.reply;
  message.size_text = publish.size_text;
  message.header_size_text = publish.header_size_text;
  message.size = publish.size;
  message.header_size = std::max<std::int64_t>(publish.header_size, 0);
  message.data = publish.data;
  bool delivered = loop_.publish(account_->interest, message, outlet_.get());
  if (!delivered && connect_.no_responders && !publish.reply.empty())
    send_no_responders(subject, publish.reply);
  return after_publish();
}

Next ClientSession::after_publish() {
  Duration stall = loop_.take_stall();
  if (finishes_read()) return Next::go_on;
  if (stall.ns > 0) {
    stalled_ = stalled_ + stall;
    paused_until_ = now_ + stall;
    return Next::suspend;
  }
  return closed_ ? Next::stop : Next::go_on;
}

// A read is through; its pauses are told where they were long, and the next read starts anew.
void ClientSession::end_stalls() {
  Duration stalled = std::exchange(stalled_, Duration{});
  if (stalled < stall_worth_telling) return;
  std::string suffix = " - Account:" + account_->account.name;
  if (!broker_.may_log_again("Producer was stalled for a total of" + suffix, now_)) return;
  broker_.log().warning("{} - Producer was stalled for a total of {}{}", label(),
                        gojson::duration_text(stalled), suffix);
}

void ClientSession::refuse_publish(std::string_view subject) {
  std::string quoted = gojson::go_quote(subject);
  send_error(fmt::format("Permissions Violation for Publish to {}", quoted));
  log_error(fmt::format("Publish Violation - Subject {}", quoted));
}

// Only a plain subscription of this client to the reply can take the 503.
void ClientSession::send_no_responders(std::string_view subject, std::string_view reply) {
  for (const Ref<Subscription>& subscription : loop_.match(account_->interest, reply).plain) {
    if (&subscription->subscriber() != outlet_.get()) continue;
    std::string headers = fmt::format("NATS/1.0 503\r\nNats-Subject: {}\r\n\r\n", subject);
    std::size_t size = headers.size();
    tell(fmt::format("HMSG {} {} {} {}\r\n{}\r\n", reply, subscription->sid(), size, size, headers));
    return;
  }
}

Next ClientSession::on_subscribe(std::string_view subject, std::string_view queue, bool has_queue,
                                 std::string_view sid) {
  if (finishes_read()) return Next::go_on;
  active_ = true;
  if (!subscribe_is_allowed(subject, queue, has_queue, sid)) return Next::go_on;
  settle();
  if (closed_) return Next::stop;
  auto existing = subscriptions_.find(sid);
  if (existing == subscriptions_.end()) {
    Ref<Subscription> subscription = Subscription::make(Ref<Subscriber>(outlet_.get()), subject, queue, sid);
    if (!account_->interest.insert(*subscription)) {
      send_error(ClientError::invalid_subject);
      return Next::go_on;
    }
    subscriptions_.insert(std::move(subscription));
  }
  if (connect_.verbose) send_ok();
  return Next::go_on;
}

bool ClientSession::subscribe_is_allowed(std::string_view subject, std::string_view queue, bool has_queue,
                                         std::string_view sid) {
  bool denied = outlet_->access().may_subscribe(subject, queue) == auth::SubscribeDecision::denied ||
                (has_queue && queue == auth::reserved_queue);
  if (denied) {
    std::string what = gojson::go_quote(subject);
    std::string group = gojson::go_quote(queue);
    send_error(fmt::format("Permissions Violation for Subscription to {}{}", what,
                           has_queue ? " using queue " + group : ""));
    log_error(fmt::format("Subscription Violation - Subject {}{}, SID {}", what,
                          has_queue ? ", Queue: " + group : "", sid));
    return false;
  }
  const config::Options& options = *loop_.settings().options;
  if (options.max_sub_tokens > 0 &&
      subject::token_count(subject) > static_cast<std::size_t>(options.max_sub_tokens)) {
    std::string what = gojson::go_quote(subject);
    send_error(fmt::format("Permissions Violation for Subscription to {}, too many tokens", what));
    log_error(fmt::format("Subscription Violation Too Many Tokens - Subject {}, SID {}", what, sid));
    return false;
  }
  std::int64_t most = subscriptions_max();
  if (most >= 0 && subscriptions_.size() >= static_cast<std::size_t>(most)) {
    if (account_->may_log_limit(now_)) log_error(row_of(ClientError::max_subscriptions_exceeded).text);
    send_error(ClientError::max_subscriptions_exceeded);
    return false;
  }
  return true;
}

Next ClientSession::on_unsubscribe(std::string_view sid, std::int64_t max) {
  if (finishes_read()) return Next::go_on;
  active_ = true;
  settle();
  auto it = subscriptions_.find(sid);
  bool ends = it != subscriptions_.end() && outlet_->limit(**it, max);
  if (connect_.verbose) send_ok();
  if (ends) {
    Ref<Subscription> subscription(it->get());
    subscriptions_.erase(it);
    unsubscribe(*subscription);
  }
  return closed_ ? Next::stop : Next::go_on;
}

void ClientSession::unsubscribe(Subscription& subscription) {
  if (parser_.settings.trace_ops) broker_.log().trace("{} - <-> [DELSUB {}]", label(), subscription.sid());
  outlet_->end(subscription);
  account_->interest.remove(subscription);
}

void ClientSession::end_all_subscriptions() {
  auto ended = std::exchange(subscriptions_, {});
  for (const Ref<Subscription>& subscription : ended) unsubscribe(*subscription);
}

Next ClientSession::on_ping() {
  if (finishes_read()) return Next::go_on;
  if (parser_.settings.trace_ops) broker_.log().trace("{} - ->> [PONG]", label());
  tell(pong_op);
  last_in_ = now_;
  if (connect_received_ && !std::exchange(first_pong_sent_, true) &&
      connect_.protocol >= client_protocol_info)
    send_info(InfoKind::behind_first_pong);
  return Next::go_on;
}

Next ClientSession::on_pong() {
  pings_out_ = 0;
  // To a PONG that nobody asked for the way back is endless.
  rtt_ = ping_sent_ ? std::max(loop_.loop().now_exact() - *ping_sent_, Duration{1})
                    : Duration{std::numeric_limits<std::int64_t>::max()};
  return Next::go_on;
}

// Ends the connection, but what came behind it in the same read is done all the same.
Next ClientSession::on_error_from_client(std::string_view text) {
  log_error(fmt::format("Client Error {}", text));
  close(CloseReason::parse_error);
  return Next::go_on;
}

void ClientSession::on_unknown_operation(std::string_view log_text) {
  refused_ = true;
  send_error(ClientError::unknown_protocol_operation);
  log_error(log_text);
  close(CloseReason::protocol_violation);
}

void ClientSession::on_malformed(std::string_view log_text) {
  refused_ = true;
  log_error(log_text);
  close(CloseReason::protocol_violation);
}

void ClientSession::on_control_line_too_long() {
  refused_ = true;
  close_with(ClientError::max_control_line_exceeded);
  log_error(row_of(ClientError::max_control_line_exceeded).text);
}

void ClientSession::on_trace(std::string_view op, std::string_view argument, bool has_argument) {
  std::string shown = op == "CONNECT" ? auth::redact_secrets(argument) : std::string(argument);
  broker_.log().trace("{} - <<- [{}{}{}]", label(), op, has_argument ? " " : "", shown);
}

// --- Who it is.

std::string ClientSession::label() const {
  return fmt::format("{} - cid:{}{}", sys::to_text(remote_), client_id_, label_details_);
}

void ClientSession::log_error(std::string_view text) { broker_.log().error("{} - {}", label(), text); }

// Once a second for all clients of an account, naming account and user of the first.
void ClientSession::log_rarely(LogLevel level, std::string_view text) {
  std::string statement(text);
  if (described_) statement += " - Account:" + account_->account.name;
  if (!broker_.may_log_again(statement, now_)) return;
  std::string user = described_ ? auth::user_label(credentials_) : std::string();
  if (!user.empty()) statement += " - " + user;
  broker_.log().write(level, fmt::format("{} - {}", label(), statement));
}

}  // namespace nats::broker
