// The shell of an HttpSession: its stream, its timer, and the requests it hands to its owner.
//
// Owner: a MonitorServer. Everything happens on the stream's loop.
#pragma once

#include <memory>

#include "server/monitor/http_session.h"
#include "server/sys/loop.h"
#include "server/sys/stream.h"
#include "server/sys/timer.h"

namespace nats::sys {
class TlsStream;
}

namespace nats::monitor {

class HttpConnection;

class HttpConnectionOwner {
 public:
  virtual ~HttpConnectionOwner() = default;
  // A request is out; respond() must follow, at once or later.
  virtual void on_request(const HttpRequest& request, std::weak_ptr<HttpConnection> connection) = 0;
  // A client of HTTPS came to nothing; on_closed() follows.
  virtual void on_handshake_failed(HttpConnection& connection, std::string_view reason) = 0;
  // It is over. The owner drops its reference.
  virtual void on_closed(HttpConnection& connection) = 0;
};

class HttpConnection final : public sys::StreamHandler,
                             public sys::Timer,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::unique_ptr<sys::Stream> stream, HttpConnectionOwner& owner);

  // HTTPS: the stream is still in the clear.
  HttpConnection(std::unique_ptr<sys::TlsStream> stream, HttpConnectionOwner& owner);

  void start() { stream_->start(*this); }
  sys::Endpoint remote() const { return stream_->remote(); }
  void respond(HttpAnswer answer);

  void on_bytes(Bytes in) override;
  void on_writable() override;
  void on_secured() override { secure_ = nullptr; }
  void on_end(const Error& reason) override;
  void on_timer(Instant now) override;

 private:
  void begin_handshake(Bytes in);
  void pump();
  bool write_output();
  void update_reading();
  void update_timer();
  void close();

  std::unique_ptr<sys::Stream> stream_;
  HttpConnectionOwner& owner_;
  HttpSession session_;
  sys::TlsStream* secure_ = nullptr;  // stream_, until it is secured
  std::string begin_;                 // the first octets that came there
  bool shaking_ = false;
  bool asked_ = false;  // the session's request was handed over
  bool pumping_ = false;
  bool paused_ = false;
  bool ended_ = false;  // the peer sends no more, and the stream tells no more
  bool gone_ = false;
};

}  // namespace nats::monitor
