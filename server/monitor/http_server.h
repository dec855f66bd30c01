// Listens for HTTP, or HTTPS, and hands each request to a handler.
//
// Lives on one loop: made, used and destroyed there.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "server/base/error.h"
#include "server/base/log.h"
#include "server/monitor/http_connection.h"
#include "server/sys/ground.h"

namespace nats::sys {
class TlsContext;
class TlsGuard;
}  // namespace nats::sys

namespace nats::monitor {

// Where an answer goes: expired once the connection is gone. respond() on the connection's loop.
using Reply = std::weak_ptr<HttpConnection>;

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  // respond() must follow, at once or later. `request` holds until then.
  virtual void on_request(const HttpRequest& request, Reply connection) = 0;
};

// What a connection shakes hands with.
struct HttpTls {
  std::shared_ptr<const sys::TlsContext> context;  // null: it does not
  sys::TlsGuard* guard = nullptr;
};

class HttpServer final : public sys::AcceptHandler, public HttpConnectionOwner {
 public:
  // For a connection that comes now.
  using TlsSource = std::function<HttpTls()>;

  // `handler` and `log` outlive the server. `tls` empty: HTTP.
  static Result<std::unique_ptr<HttpServer>> start(sys::Ground& ground, sys::Loop& loop,
                                                   const sys::Endpoint& at, HttpHandler& handler, Log& log,
                                                   TlsSource tls = {});
  // Stops accepting and closes all connections.
  ~HttpServer() override;

  // The bound address.
  sys::Endpoint local() const { return listener_->local(); }
  std::size_t connection_count() const { return connections_.size(); }

 private:
  HttpServer(sys::Ground& ground, sys::Loop& loop, HttpHandler& handler, Log& log, TlsSource tls);

  sys::Loop& pick_loop() override { return loop_; }
  void on_accept(std::unique_ptr<sys::Stream> stream) override;
  void on_accept_error(const Error& error) override;
  void on_request(const HttpRequest& request, Reply connection) override;
  void on_handshake_failed(HttpConnection& connection, std::string_view reason) override;
  void on_closed(HttpConnection& connection) override;

  sys::Ground& ground_;
  sys::Loop& loop_;
  HttpHandler& handler_;
  Log& log_;
  TlsSource tls_;
  std::unordered_map<HttpConnection*, std::shared_ptr<HttpConnection>> connections_;
  std::unique_ptr<sys::Listener> listener_;
};

}  // namespace nats::monitor
