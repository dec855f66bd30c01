#include "server/monitor/http_session.h"

#include <utility>

#include "server/base/check.h"

namespace nats::monitor {

namespace {

// net/http reads past an unwanted body up to this size to keep the connection.
constexpr std::uint64_t unread_body_bytes_max = 256 << 10;
constexpr Duration linger_time = Duration::from_ms(500);
// So many octets of a next request must be there before its head counts as begun.
constexpr std::size_t next_request_bytes = 4;

}  // namespace

void HttpSession::on_bytes(Bytes in, Instant now) {
  if (state_ == State::lingering || state_ == State::closed) return;
  input_.append(in);
  advance(now);
}

void HttpSession::on_end(Instant now) {
  ended_ = true;
  if (state_ == State::lingering) state_ = State::closed;
  advance(now);
}

void HttpSession::on_deadline(Instant now) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  if (state_ == State::head) {
    parser_.end(true);
    refuse(now);
  } else if (state_ == State::lingering) {
    state_ = State::closed;
  }
}

void HttpSession::respond(HttpAnswer answer, Instant now, WallTime wall) {
  NATS_CHECK(request() != nullptr);
  answer_ = std::move(answer);
  answered_at_ = wall;
  advance(now);
}

std::size_t HttpSession::output_pieces(std::span<Bytes, pieces_max> pieces, std::size_t octets_max) const {
  std::size_t count = 0, done = output_done_;
  for (const std::string& piece : output_) {
    if (count == pieces_max || octets_max == 0) break;
    pieces[count] = Bytes(piece).substr(done, octets_max);
    octets_max -= pieces[count++].size();
    done = 0;
  }
  return count;
}

void HttpSession::consume_output(std::size_t count) {
  output_done_ += count;
  while (!output_.empty() && output_done_ >= output_.front().size()) {
    output_done_ -= output_.front().size();
    output_.pop_front();
  }
  NATS_CHECK(!output_.empty() || output_done_ == 0);
}

void HttpSession::put_out(std::string piece) {
  if (!piece.empty()) output_.push_back(std::move(piece));
}

void HttpSession::advance(Instant now) {
  for (;;) {
    bool moved = false;
    switch (state_) {
      case State::idle:
        moved = start_head(now);
        break;
      case State::head:
        moved = read_head(now);
        break;
      case State::handling:
        moved = answer_ && send_answer(now);
        break;
      case State::draining:
        moved = drain(now);
        break;
      case State::lingering:
      case State::closed:
        break;
    }
    if (!moved) return;
  }
}

bool HttpSession::start_head(Instant now) {
  if (input_.size() < next_request_bytes) {
    if (ended_) state_ = State::closed;
    return false;
  }
  if (last_was_post_) {
    // Old clients send a line end after the body of a POST.
    std::size_t count = 0;
    while (count < next_request_bytes && (input_[count] == '\r' || input_[count] == '\n')) ++count;
    input_.erase(0, count);
  }
  parser_ = {};
  deadline_ = now + head_timeout;
  state_ = State::head;
  return true;
}

bool HttpSession::read_head(Instant now) {
  std::string_view in = input_;
  HttpHeadParser::Status status = parser_.feed(in);
  input_.erase(0, input_.size() - in.size());
  if (status == HttpHeadParser::Status::more && ended_) status = parser_.end(false);
  if (status == HttpHeadParser::Status::more) return false;
  deadline_.reset();
  if (status == HttpHeadParser::Status::refused) {
    refuse(now);
    return false;
  }
  last_was_post_ = parser_.request().method == "POST";
  body_.reset();
  if (parser_.request().content_length != 0) body_.emplace(parser_.request().content_length);
  too_large_ = false;
  state_ = State::handling;
  return false;  // until respond()
}

// Whether net/http would close before it even looks for the end of the body.
bool HttpSession::must_close() const {
  // Who waits for "100 Continue" never gets it: nobody reads the body.
  return body_ && parser_.request().at_least(1, 1) && parser_.request().expects_continue();
}

// Reads on in the body. False: more must come.
bool HttpSession::feed_body(std::uint64_t data_max) {
  std::string_view in = input_;
  const auto status = body_->feed(in, data_max);
  input_.erase(0, input_.size() - in.size());
  return status != HttpBodyReader::Status::more || body_->data_bytes() >= data_max || ended_;
}

bool HttpSession::send_answer(Instant now) {
  const HttpRequest& request = parser_.request();
  bool force_close = must_close();
  if (body_ && !frame(request, *answer_, force_close).close) {
    const bool hopeless = !body_->chunked() && body_->data_bytes() == 0 &&
                          body_->bytes_left() >= static_cast<std::int64_t>(unread_body_bytes_max);
    if (!hopeless && !feed_body(unread_body_bytes_max + 1)) return false;
    too_large_ = hopeless || body_->data_bytes() > unread_body_bytes_max;
    force_close = body_->status() != HttpBodyReader::Status::done;
  }
  const HttpFraming framing = frame(request, *answer_, force_close);
  put_out(encode_head(request, *answer_, framing, answered_at_));
  if (framing.has_body) put_out(std::move(answer_->body));
  if (framing.has_body && framing.chunked) put_out(std::string(chunks_end));
  answer_.reset();
  if (!framing.close) {
    state_ = State::idle;
    return true;
  }
  // A body without trailers is not read to its end when the request itself asked to close.
  if (body_ && body_->status() == HttpBodyReader::Status::more && !(request.close && !body_->chunked())) {
    state_ = State::draining;
    return true;
  }
  finish(too_large_, now);
  return false;
}

bool HttpSession::drain(Instant now) {
  const bool hopeless =
      !body_->chunked() && body_->bytes_left() > static_cast<std::int64_t>(unread_body_bytes_max);
  const std::uint64_t begin = too_large_ && body_->chunked() ? unread_body_bytes_max + 1 : 0;
  if (!hopeless && !feed_body(begin + unread_body_bytes_max)) return false;
  finish(too_large_ || body_->status() == HttpBodyReader::Status::more, now);
  return false;
}

void HttpSession::refuse(Instant now) {
  put_out(encode(parser_.refusal()));
  finish(parser_.refusal().linger, now);
}

void HttpSession::finish(bool linger, Instant now) {
  input_.clear();
  input_.shrink_to_fit();
  state_ = linger && !ended_ ? State::lingering : State::closed;
  deadline_.reset();
  if (state_ == State::lingering) deadline_ = now + linger_time;
}

}  // namespace nats::monitor
