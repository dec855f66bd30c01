#include "server/monitor/http_server.h"

#include <utility>

#include "server/sys/tls.h"

namespace nats::monitor {

HttpServer::HttpServer(sys::Ground& ground, sys::Loop& loop, HttpHandler& handler, Log& log, TlsSource tls)
    : ground_(ground), loop_(loop), handler_(handler), log_(log), tls_(std::move(tls)) {}

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(sys::Ground& ground, sys::Loop& loop,
                                                      const sys::Endpoint& at, HttpHandler& handler, Log& log,
                                                      TlsSource tls) {
  std::unique_ptr<HttpServer> server(new HttpServer(ground, loop, handler, log, std::move(tls)));
  server->listener_ = NATS_TRY(ground.listen(at, loop, *server));
  return server;
}

void HttpServer::on_accept(std::unique_ptr<sys::Stream> stream) {
  std::shared_ptr<HttpConnection> connection;
  if (tls_) {
    HttpTls tls = tls_();
    if (!tls.context) return;  // a reload took TLS away
    auto secure = ground_.tls()->server_stream(std::move(stream), std::move(tls.context), tls.guard);
    connection = std::make_shared<HttpConnection>(std::move(secure), *this);
  } else {
    connection = std::make_shared<HttpConnection>(std::move(stream), *this);
  }
  connections_.emplace(connection.get(), connection);
  connection->start();
}

void HttpServer::on_accept_error(const Error& error) {
  log_.error("monitoring: Accept error: {}", error.detail);
}

void HttpServer::on_request(const HttpRequest& request, Reply connection) {
  handler_.on_request(request, std::move(connection));
}

void HttpServer::on_handshake_failed(HttpConnection& connection, std::string_view reason) {
  log_.error("monitoring: TLS handshake error from {}: {}", sys::to_text(connection.remote()), reason);
}

void HttpServer::on_closed(HttpConnection& connection) { connections_.erase(&connection); }

}  // namespace nats::monitor
