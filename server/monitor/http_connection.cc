#include "server/monitor/http_connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/sys/tls.h"

namespace nats::monitor {

namespace {

// What is looked at before a handshake: the length of a record's header.
constexpr std::size_t request_head = 5;
constexpr std::string_view wrong_protocol_answer =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
constexpr std::size_t written_at_once_max = 256 * 1024;
// After the peer's end a stream no longer tells when it takes octets; then we look again so often.
constexpr Duration write_retry = Duration::from_ms(20);

}  // namespace

HttpConnection::HttpConnection(std::unique_ptr<sys::Stream> stream, HttpConnectionOwner& owner)
    : stream_(std::move(stream)), owner_(owner), session_(stream_->loop().now()) {
  update_timer();
}

HttpConnection::HttpConnection(std::unique_ptr<sys::TlsStream> stream, HttpConnectionOwner& owner)
    : HttpConnection(std::unique_ptr<sys::Stream>(std::move(stream)), owner) {
  secure_ = static_cast<sys::TlsStream*>(stream_.get());
}

// As Go's net/http: who speaks plain HTTP is told so, in the clear.
void HttpConnection::begin_handshake(Bytes in) {
  begin_.append(in);
  if (begin_.size() < request_head) return;
  for (std::string_view head : {"GET /", "HEAD ", "POST ", "PUT /", "OPTIO"}) {
    if (!begin_.starts_with(head)) continue;
    const std::array<Bytes, 1> answer{wrong_protocol_answer};
    // Whoever does not take so little has gone.
    static_cast<void>(stream_->write(answer));
    owner_.on_handshake_failed(*this, "client sent an HTTP request to an HTTPS server");
    return close();
  }
  shaking_ = true;
  const auto self = shared_from_this();
  secure_->start_tls(std::exchange(begin_, {}));
}

void HttpConnection::respond(HttpAnswer answer) {
  if (gone_) return;
  asked_ = false;
  session_.respond(std::move(answer), stream_->loop().now(), stream_->loop().wall_now());
  pump();
}

void HttpConnection::on_bytes(Bytes in) {
  if (secure_) return begin_handshake(in);
  session_.on_bytes(in, stream_->loop().now());
  pump();
}

void HttpConnection::on_writable() { pump(); }

void HttpConnection::on_end(const Error& reason) {
  if (secure_) {
    bool torn = !shaking_ && !begin_.empty() && reason.code == ErrorCode::end_of_stream;
    owner_.on_handshake_failed(*this, torn ? "unexpected EOF" : reason.detail);
    return close();
  }
  ended_ = true;
  if (reason.code != ErrorCode::end_of_stream) return close();
  session_.on_end(stream_->loop().now());
  pump();
}

void HttpConnection::on_timer(Instant now) {
  if (secure_) {
    owner_.on_handshake_failed(*this, "read tcp " + sys::to_text(stream_->local()) + "->" +
                                          sys::to_text(stream_->remote()) + ": i/o timeout");
    return close();
  }
  session_.on_deadline(now);
  pump();
}

// Moves everything on that can move. The connection may be gone afterwards.
void HttpConnection::pump() {
  if (gone_ || std::exchange(pumping_, true)) return;
  const auto self = shared_from_this();
  while (!gone_ && session_.request() && !asked_) {
    asked_ = true;
    owner_.on_request(*session_.request(), weak_from_this());
  }
  pumping_ = false;
  if (gone_) return;
  if (!write_output()) return close();
  if (session_.closed() && session_.output().empty()) return close();
  update_reading();
  update_timer();
}

// False when the stream is broken. Megabytes take turns with whatever else the loop has to do.
bool HttpConnection::write_output() {
  std::size_t budget = written_at_once_max;
  while (!session_.output().empty()) {
    std::array<Bytes, HttpSession::pieces_max> pieces;
    const std::size_t count = session_.output_pieces(pieces, budget);
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) size += pieces[i].size();
    const auto written = stream_->write(std::span(pieces).first(count));
    if (!written) return false;
    session_.consume_output(*written);
    budget -= *written;
    if (*written < size || budget == 0) {
      if (!ended_ && !session_.output().empty()) stream_->want_writable();
      return true;
    }
  }
  return true;
}

// A peer that does not read its answers is not read from either.
void HttpConnection::update_reading() {
  const bool pause = !session_.wants_input() || !session_.output().empty();
  if (ended_ || pause == paused_) return;
  paused_ = pause;
  if (pause) {
    stream_->pause_reading();
  } else {
    stream_->resume_reading();
  }
}

void HttpConnection::update_timer() {
  std::optional<Instant> when = session_.deadline();
  if (ended_ && !session_.output().empty()) {
    const Instant retry = stream_->loop().now() + write_retry;
    when = when ? std::min(*when, retry) : retry;
  }
  if (when) {
    stream_->loop().arm(*this, *when);
  } else {
    stream_->loop().disarm(*this);
  }
}

void HttpConnection::close() {
  if (std::exchange(gone_, true)) return;
  stream_->loop().disarm(*this);
  owner_.on_closed(*this);
}

}  // namespace nats::monitor
