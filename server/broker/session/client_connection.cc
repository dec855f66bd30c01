#include "server/broker/session/client_connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/broker/broker.h"
#include "server/broker/session/client_opening.h"
#include "server/broker/session/loop_clients.h"
#include "server/gojson/time_text.h"
#include "server/sys/tls.h"

namespace nats::broker {
namespace {

constexpr std::size_t pieces_max = 64;
constexpr Duration warm_time = Duration::from_ms(500);
// The reference's buffers: what its log line about a missed deadline counts as chunks.
constexpr std::size_t chunk_bytes = 65536;
// A shorter write deadline may pass while the write is being prepared.
constexpr Duration shortest_timed_write = Duration::from_ms(1);

std::size_t chunks_of(std::size_t bytes) { return (bytes + chunk_bytes - 1) / chunk_bytes + 1; }

}  // namespace

ClientConnection::ClientConnection(Broker& broker, LoopBroker& loop, LoopClients& owner,
                                   std::unique_ptr<sys::Stream> stream, std::uint64_t client_id)
    : broker_(broker),
      loop_(loop),
      owner_(owner),
      stream_(std::move(stream)),
      write_deadline_(loop.settings().options->write_deadline),
      session_(broker, loop, client_id, stream_->remote(), loop.loop().now()) {
  session_.outlet()->set_connection(this);
  if (loop.settings().options->proxy_protocol)
    opening_ = std::make_unique<Opening>(Opening{{}, ProxyOpening(), {}});
}

ClientConnection::ClientConnection(Broker& broker, LoopBroker& loop, LoopClients& owner,
                                   std::unique_ptr<sys::TlsStream> stream,
                                   std::shared_ptr<const config::Tls> tls, std::uint64_t client_id)
    : ClientConnection(broker, loop, owner, std::move(stream), client_id) {
  secure_ = static_cast<sys::TlsStream*>(stream_.get());
  if (!opening_) opening_ = std::make_unique<Opening>();
  opening_->plan.emplace(*tls, loop.settings().options->allow_non_tls);
  opening_->tls = std::move(tls);
}

ClientConnection::~ClientConnection() { session_.outlet()->set_connection(nullptr); }

void ClientConnection::start() {
  Instant now = loop_.loop().now();
  stream_->start(*this);
  session_.start(now, opening_ && opening_->handshake_first());
  if (opening_ && !session_.closed()) return begin_opening(now);
  if (!session_.closed()) session_.open(now, nullptr);
  settle();
}

void ClientConnection::on_bytes(Bytes in) {
  if (closing_) return;
  if (!opening_) return feed(in);
  Instant now = loop_.loop().now();
  if (opening_->plan_is_open()) {
    opening_->plan->on_bytes(in);
  } else if (opening_->proxy) {
    opening_->proxy->on_bytes(in, now);
  }
  go_on_opening(now);
}

void ClientConnection::feed(Bytes in) {
  std::size_t taken = session_.on_bytes(in, loop_.loop().now());
  if (taken < in.size() && !session_.closed()) keep_rest(in.substr(taken));
  settle();
}

void ClientConnection::keep_rest(Bytes rest) {
  kept_.append(rest);
  stream_->pause_reading();
}

void ClientConnection::resume() {
  if (closing_) return;
  std::string kept = std::exchange(kept_, {});
  std::size_t taken = session_.on_bytes(kept, loop_.loop().now());
  if (!session_.closed()) {
    if (taken < kept.size())
      kept_ = kept.substr(taken);
    else
      stream_->resume_reading();
  }
  settle();
}

void ClientConnection::on_writable() {
  write_blocked_ = false;
  flush(loop_.loop().now());
}

void ClientConnection::on_end(const Error& reason) {
  if (opening_ && !closing_) on_opening_end(reason);
  session_.close(reason.code == ErrorCode::end_of_stream ? CloseReason::client_closed
                                                         : CloseReason::read_error);
  begin_close();
  finish();
}

void ClientConnection::close(CloseReason reason) {
  session_.close(reason);
  settle();
}

void ClientConnection::on_timer(Instant now) {
  if (write_by_ && *write_by_ <= now) on_write_deadline();
  if (opening_ && !closing_) on_opening_deadline(now);
  if (!closing_) {
    session_.on_deadline(now);
    if (!session_.paused() && !kept_.empty()) return resume();
  }
  settle();
}

// The reference closes clients that miss a deadline, unless told to try again; whoever took nothing at
// all is closed in any case.
void ClientConnection::on_write_deadline() {
  write_by_.reset();
  if (closing_) return finish();
  bool retries = loop_.settings().options->write_timeout == config::WriteTimeoutPolicy::retry && progress_;
  // Who has not said CONNECT yet is not counted as slow.
  if (session_.note_slow_write()) {
    broker_.counters().slow_consumers.fetch_add(1, std::memory_order_relaxed);
    session_.account().slow_consumers.fetch_add(1, std::memory_order_relaxed);
    broker_.log().info(
        "{} - Slow Consumer {}: WriteDeadline of {} exceeded with {} chunks of {} total bytes.",
        session_.label(), slow_ ? "State" : "Detected", gojson::duration_text(write_deadline_),
        chunks_of(flush_bytes_), flush_bytes_);
  }
  if (!retries) return session_.close(CloseReason::slow_consumer_write_deadline);
  slow_ = true;
  progress_ = false;
  flush_begun_ = loop_.loop().now();
  flush_bytes_ = static_cast<std::size_t>(session_.outlet()->counts().pending_bytes);
  behind_front_ = flush_bytes_ - session_.outlet()->outbox().front_bytes();
  write_by_ = flush_begun_ + write_deadline_;
}

void ClientConnection::settle() {
  if (session_.closed()) begin_close();
  if (!finished_) rearm();
}

void ClientConnection::rearm() {
  std::optional<Instant> when = closing_ ? std::nullopt : session_.deadline();
  if (opening_ && !closing_) when = opening_->deadline();
  if (write_by_ && (!when || *write_by_ < *when)) when = write_by_;
  if (!when) return loop_.loop().disarm(*this);
  if (!armed() || this->when() != *when) loop_.loop().arm(*this, *when);
}

void ClientConnection::begin_close() {
  if (std::exchange(closing_, true)) return;
  if (opening_) note_broken_handshake();
  stream_->pause_reading();
  std::optional<CloseReason> reason = session_.closed();
  bool keep_unsent = reason && flushes_before_close(*reason);
  session_.outlet()->close(keep_unsent);
  if (!keep_unsent) return finish();
  // In this round still, but not inside whoever found the reason.
  loop_.mark_dirty(*session_.outlet());
}

// It is remembered with what it could not be sent: an -ERR has gone by then.
void ClientConnection::remember() {
  if (!std::exchange(remembered_, true)) owner_.on_closed(*this);
}

void ClientConnection::finish() {
  if (std::exchange(finished_, true)) return;
  remember();
  loop_.loop().disarm(*this);
  owner_.remove_later(*this);
}

bool ClientConnection::write_front(std::size_t& written) {
  Outbox& outbox = session_.outlet()->outbox();
  std::array<Bytes, pieces_max> pieces;
  while (outbox.front_bytes() > 0) {
    std::size_t count = outbox.front_pieces(pieces.data(), pieces.size());
    Result<std::size_t> taken = stream_->write({pieces.data(), count});
    if (!taken) {
      broker_.log().debug("{} - Error flushing: {}", session_.label(), taken.error().detail);
      session_.close(CloseReason::write_error);
      return false;
    }
    if (*taken == 0) {
      write_blocked_ = true;
      stream_->want_writable();
      return false;
    }
    outbox.advance(*taken);
    written += *taken;
    progress_ = true;
  }
  return true;
}

// False: its deadline has passed before a byte could go.
bool ClientConnection::begin_front(Instant now) {
  std::size_t front = session_.outlet()->outbox().front_bytes();
  if (behind_front_ > 0) {
    behind_front_ -= std::min(behind_front_, front);
  } else {
    flush_bytes_ = front;
    flush_begun_ = now;
  }
  progress_ = false;
  write_by_ = now + write_deadline_;
  if (write_deadline_ >= shortest_timed_write) return true;
  return loop_.loop().now_exact() < *write_by_;
}

void ClientConnection::end_front(Instant now) {
  write_by_.reset();
  if (behind_front_ > 0 || !std::exchange(slow_, false)) return;
  broker_.log().info("{} - Slow Consumer Recovered: Flush took {:.3f}s with {} chunks of {} total bytes.",
                     session_.label(), (now - flush_begun_).seconds(), chunks_of(flush_bytes_), flush_bytes_);
}

void ClientConnection::flush(Instant now) {
  if (finished_) return;
  ClientOutlet& outlet = *session_.outlet();
  bool whole = !write_blocked_;
  std::size_t written = 0;
  while (whole && outlet.next_front(std::exchange(written, 0))) {
    if (!write_by_ && !begin_front(now)) {
      on_write_deadline();
      whole = false;
      break;
    }
    whole = write_front(written);
    if (whole) end_front(now);
  }
  if (!whole) outlet.note_written(written);
  last_flush_ = now;
  if (!std::exchange(warm_, true)) owner_.on_warm(*this);
  if (outlet.needs_attention()) session_.settle();
  settle();
  if (closing_) remember();
  bool drained = whole && closing_;
  std::optional<CloseReason> reason = session_.closed();
  bool broken = reason && !flushes_before_close(*reason);
  if (drained || broken) finish();
}

bool ClientConnection::cool_down(Instant now) {
  if (now - last_flush_ < warm_time) return false;
  session_.outlet()->free_idle_memory();
  warm_ = false;
  return true;
}

}  // namespace nats::broker
