// The monitoring port: answers requests from a MonitorSource.
//
// Lives on one loop: made, used and destroyed there. Snapshots are gathered by the source; texts are
// made of them on the worker pool.
#pragma once

#include <memory>
#include <string>

#include "server/base/error.h"
#include "server/base/log.h"
#include "server/monitor/endpoints.h"
#include "server/monitor/http_server.h"
#include "server/monitor/request_stats.h"
#include "server/sys/ground.h"

namespace nats::monitor {

struct MonitorSettings {
  std::string base_path;
  bool metrics = false;            // /metrics is there
  HttpServer::TlsSource tls = {};  // empty: HTTP
  std::vector<std::string> command_line = {};
};

class MonitorServer final : public HttpHandler {
 public:
  // `source`, `stats` and `log` outlive the server. Several servers may share `stats`.
  static Result<std::unique_ptr<MonitorServer>> start(sys::Ground& ground, sys::Loop& loop,
                                                      const sys::Endpoint& at, MonitorSource& source,
                                                      RequestStats& stats, Log& log,
                                                      MonitorSettings settings);

  // The bound address.
  sys::Endpoint local() const { return http_->local(); }
  std::size_t connection_count() const { return http_->connection_count(); }

 private:
  // One request's answer in the making.
  struct Question;

  MonitorServer(sys::Ground& ground, sys::Loop& loop, MonitorSource& source, RequestStats& stats, Log& log,
                MonitorSettings settings);

  void on_request(const HttpRequest& request, Reply connection) override;
  void gather(std::shared_ptr<Question> question);
  void gather_connections(std::shared_ptr<Question> question);
  void write(std::shared_ptr<Question> question);

  sys::Ground& ground_;
  sys::Loop& loop_;
  MonitorSource& source_;
  RequestStats& stats_;
  Log& log_;
  MonitorSettings settings_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace nats::monitor
