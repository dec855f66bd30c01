#include "server/broker/session/client_outlet.h"

#include <fmt/core.h>

#include <charconv>
#include <cstring>
#include <utility>

#include "server/broker/broker.h"
#include "server/broker/delivery/loop_broker.h"
#include "server/broker/session/client_connection.h"
#include "server/broker/session/client_trace.h"

namespace nats::broker {
namespace {

constexpr std::int64_t crlf_bytes = 2;
// A round that has put this much into one outbox does not wait for its end.
constexpr std::int64_t early_flush_bytes = 64 * 1024;
constexpr Duration stall_pause_min = Duration::from_ms(2);
constexpr Duration stall_pause_max = Duration::from_ms(5);

char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put_word(char* at, std::string_view word) {
  at = put(at, word);
  *at++ = ' ';
  return at;
}

}  // namespace

ClientOutlet::ClientOutlet(LoopBroker& home, Broker& broker, AccountInterest& account,
                           std::uint64_t client_id)
    : Outlet(home),
      broker_(broker),
      client_id_(client_id),
      pending_bytes_max_(home.settings().options->max_pending),
      account_(&account) {}

bool ClientOutlet::deliver(Subscription& subscription, const Message& message, const Subscriber* origin,
                           LoopBroker& broker) {
  if (!access_.may_deliver(message.subject, subscription.queue())) return false;
  bool dirty = false;
  bool early = false;
  bool expired = false;
  bool delivered = false;
  AccountInterest* account = nullptr;
  {
    std::lock_guard lock(mutex_);
    account = account_;
    const bool traced = !trace_label_.empty();
    if (origin == this && !echo_) return false;
    if (subscription.closed) return false;
    ++subscription.delivered;
    if (subscription.max > 0 && subscription.delivered >= subscription.max) {
      expired = true;
      subscription.closed = true;
      expired_.push_back({Ref<Subscription>(&subscription), traced});
      news_ = true;
      if (traced) log_expiry(subscription);
    }
    if (closed_) return false;
    bool stripped = message.header_size > 0 && !headers_;
    ++counts_.out_msgs;
    counts_.out_bytes += stripped ? message.size - message.header_size : message.size;
    delivered = !(falling_behind_ && broker.settings().options->no_fast_producer_stall);
    if (delivered) {
      if (falling_behind_ &&
          broker.note_stall(outbox_.pending_bytes() >= pending_bytes_max_ ? stall_pause_max
                                                                          : stall_pause_min)) {
        ++counts_.stalls;
        broker_.counters().stalled_clients.fetch_add(1, std::memory_order_relaxed);
      }
      append_message(subscription, message);
      // The publisher's clock, so that both show the same last activity.
      counts_.last_delivery = broker.loop().now();
      Traffic& traffic = account->traffic(broker.index());
      traffic.out_msgs.add(1);
      // Like the reference, stripped headers and all.
      traffic.out_bytes.add(message.size);
      if (traced) trace_message(subscription, message, broker);
    }
    if (expired && traced) broker_.log().trace("{} - <-> [DELSUB {}]", trace_label_, subscription.sid());
    early = delivered && outbox_.pending_bytes() >= early_flush_bytes && take_early();
    dirty = take_dirty() || take_news();
  }
  if (dirty) broker.mark_dirty(*this);
  if (early) broker.flush_early(*this);
  if (expired) account->interest.remove(subscription);
  if (delivered) access_.on_delivered(message.reply, broker.loop().now());
  return delivered;
}

// "MSG subject sid [reply] size", or HMSG with the size of the headers, and the payload.
void ClientOutlet::append_message(const Subscription& subscription, const Message& message) {
  bool with_headers = message.header_size > 0 && headers_;
  bool stripped = message.header_size > 0 && !headers_;
  Bytes data = stripped ? message.data.substr(static_cast<std::size_t>(message.header_size)) : message.data;
  char digits[20];
  std::string_view size_text = message.size_text;
  if (stripped) {
    auto end = std::to_chars(digits, digits + sizeof(digits), message.size - message.header_size).ptr;
    size_text = {digits, static_cast<std::size_t>(end - digits)};
  }
  std::string_view op = with_headers ? "HMSG " : "MSG ";
  std::size_t line = op.size() + message.subject.size() + 1 + subscription.sid().size() + 1 +
                     size_text.size() + static_cast<std::size_t>(crlf_bytes);
  if (!message.reply.empty()) line += message.reply.size() + 1;
  if (with_headers) line += message.header_size_text.size() + 1;
  bool copies = !message.shared || stripped;
  char* at = outbox_.extend(copies ? line + data.size() : line);
  at = put(at, op);
  at = put_word(at, message.subject);
  at = put_word(at, subscription.sid());
  if (!message.reply.empty()) at = put_word(at, message.reply);
  if (with_headers) at = put_word(at, message.header_size_text);
  at = put(at, size_text);
  at = put(at, "\r\n");
  if (copies)
    put(at, data);
  else
    outbox_.share(Ref<SharedPayload>(message.shared));
  check_limits();
}

void ClientOutlet::check_limits() {
  std::int64_t pending = outbox_.pending_bytes();
  if (pending > pending_bytes_max_) {
    closed_ = overflowed_ = news_ = true;
    broker_.counters().slow_consumers.fetch_add(1, std::memory_order_relaxed);
    account_->slow_consumers.fetch_add(1, std::memory_order_relaxed);
  } else if (pending > pending_bytes_max_ / 4 * 3) {
    falling_behind_ = true;
  }
}

void ClientOutlet::set_account(AccountInterest& account) {
  std::lock_guard lock(mutex_);
  account_ = &account;
}

void ClientOutlet::append(Bytes op) {
  bool dirty = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    outbox_.append(op);
    check_limits();
    dirty = take_dirty() || take_news();
  }
  if (dirty) home().mark_dirty(*this);
}

void ClientOutlet::flush(Instant now) {
  if (connection_) connection_->flush(now);
}

void ClientOutlet::set_options(bool echo, bool headers) {
  std::lock_guard lock(mutex_);
  echo_ = echo;
  headers_ = headers;
}

void ClientOutlet::set_trace_label(std::string label) {
  std::lock_guard lock(mutex_);
  trace_label_ = std::move(label);
}

void ClientOutlet::log_expiry(const Subscription& subscription) {
  broker_.log().debug("{} - Auto-unsubscribe limit of {} reached for sid '{}'", trace_label_,
                      subscription.delivered, subscription.sid());
}

void ClientOutlet::trace_message(const Subscription& subscription, const Message& message,
                                 const LoopBroker& broker) {
  bool with_headers = message.header_size > 0 && headers_;
  std::string line =
      fmt::format("{}MSG {} {} ", with_headers ? "H" : "", message.subject, subscription.sid());
  if (!message.reply.empty()) line += fmt::format("{} ", message.reply);
  if (with_headers) line += fmt::format("{} ", message.header_size_text);
  bool stripped = message.header_size > 0 && !headers_;
  line += stripped ? std::to_string(message.size - message.header_size) : std::string(message.size_text);
  broker_.log().trace("{} - ->> [{}]", trace_label_, line);
  Bytes data = stripped ? message.data.substr(static_cast<std::size_t>(message.header_size)) : message.data;
  std::string payload = traced_payload(*broker.settings().options, data, message.header_size);
  if (!payload.empty()) broker_.log().trace("{} - ->> MSG_PAYLOAD: [{}]", trace_label_, payload);
}

bool ClientOutlet::limit(Subscription& subscription, std::int64_t max) {
  std::lock_guard lock(mutex_);
  if (max > 0 && static_cast<std::uint64_t>(max) > subscription.delivered) {
    subscription.max = static_cast<std::uint64_t>(max);
    return false;
  }
  subscription.max = 0;
  return true;
}

bool ClientOutlet::end(Subscription& subscription) {
  std::lock_guard lock(mutex_);
  return !std::exchange(subscription.closed, true);
}

std::vector<ClientOutlet::Expired> ClientOutlet::take_expired() {
  std::lock_guard lock(mutex_);
  return std::exchange(expired_, {});
}

void ClientOutlet::close(bool keep_unsent) {
  std::lock_guard lock(mutex_);
  closed_ = true;
  if (!keep_unsent) outbox_.clear();
}

// Under the lock.
void ClientOutlet::begin_flush(std::size_t written) {
  clear_dirty();
  outbox_.written(written);
  needs_attention_ = overflowed_ || !expired_.empty();
}

void ClientOutlet::note_written(std::size_t written) {
  std::lock_guard lock(mutex_);
  begin_flush(written);
}

bool ClientOutlet::overflowed() {
  std::lock_guard lock(mutex_);
  return overflowed_;
}

bool ClientOutlet::next_front(std::size_t written) {
  std::lock_guard lock(mutex_);
  begin_flush(written);
  early_asked_ = false;
  bool more = outbox_.turn();
  if (falling_behind_ && (!more || outbox_.pending_bytes() < pending_bytes_max_ / 4 * 3))
    falling_behind_ = false;
  return more;
}

void ClientOutlet::free_idle_memory() {
  std::lock_guard lock(mutex_);
  outbox_.free_idle_memory();
}

ClientOutlet::Counts ClientOutlet::counts() {
  std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.pending_bytes = outbox_.pending_bytes();
  return counts;
}

std::uint64_t ClientOutlet::delivered_to(const Subscription& subscription, std::uint64_t& max) {
  std::lock_guard lock(mutex_);
  max = subscription.max;
  return subscription.delivered;
}

}  // namespace nats::broker
