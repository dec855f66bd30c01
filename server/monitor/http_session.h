// One connection to the monitoring port as a machine, with the behaviour of Go's net/http: octets
// in, requests out, answers in, octets out.
//
//   on_bytes() ... request() != null ... respond() ... output()
//
// One request is out at a time; pipelined ones wait. Owner: an HttpConnection, on its loop.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>

#include "server/base/bytes.h"
#include "server/base/time.h"
#include "server/monitor/http_answer.h"
#include "server/monitor/http_body_reader.h"
#include "server/monitor/http_head_parser.h"

namespace nats::monitor {

class HttpSession {
 public:
  // How long a head may take, from the connection's start or from the first octets of a later request.
  static constexpr Duration head_timeout = Duration::from_seconds(5);

  explicit HttpSession(Instant now) : deadline_(now + head_timeout) {}

  void on_bytes(Bytes in, Instant now);
  // The peer sends no more; it may still read.
  void on_end(Instant now);
  void on_deadline(Instant now);

  // The request that waits for respond(), or null.
  const HttpRequest* request() const {
    return state_ == State::handling && !answer_ ? &parser_.request() : nullptr;
  }
  void respond(HttpAnswer answer, Instant now, WallTime wall);

  // The next octets to write; empty: none.
  Bytes output() const { return output_.empty() ? Bytes{} : Bytes(output_.front()).substr(output_done_); }
  // The same, and what follows, where an answer is in several pieces. At most `octets_max` in all.
  static constexpr std::size_t pieces_max = 3;
  std::size_t output_pieces(std::span<Bytes, pieces_max> pieces, std::size_t octets_max) const;
  void consume_output(std::size_t count);
  std::optional<Instant> deadline() const { return deadline_; }
  // False while input would only pile up.
  bool wants_input() const { return state_ != State::handling || answer_.has_value(); }
  // True: close the connection once output() is empty.
  bool closed() const { return state_ == State::closed; }

 private:
  enum class State {
    idle,       // between requests
    head,       // reading a head
    handling,   // a request is out, or its answer waits for the end of the body
    draining,   // the answer is out; the body is read before the connection closes
    lingering,  // the answer is out; the peer gets time to read it
    closed,
  };

  void advance(Instant now);
  bool start_head(Instant now);
  bool read_head(Instant now);
  bool send_answer(Instant now);
  bool drain(Instant now);
  void put_out(std::string piece);
  void refuse(Instant now);
  void finish(bool linger, Instant now);
  bool feed_body(std::uint64_t data_max);
  bool must_close() const;

  State state_ = State::head;
  std::string input_;
  bool ended_ = false;
  HttpHeadParser parser_;
  std::optional<HttpBodyReader> body_;
  std::optional<HttpAnswer> answer_;
  WallTime answered_at_;
  bool last_was_post_ = false;
  bool too_large_ = false;  // the body was not read to its end
  std::optional<Instant> deadline_;
  std::deque<std::string> output_;  // no piece is empty
  std::size_t output_done_ = 0;     // of the first
};

}  // namespace nats::monitor
