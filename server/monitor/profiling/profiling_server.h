// The profiling port: what Go's net/http/pprof and expvar answer there, for this process.
//
// Lives on one loop: made, used and destroyed there. Stacks are collected on the worker pool.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/base/error.h"
#include "server/base/log.h"
#include "server/monitor/http_server.h"
#include "server/monitor/profiling/profile_kinds.h"
#include "server/sys/ground.h"

namespace nats::monitor {

class HttpParams;

class ProfilingServer final : public HttpHandler {
 public:
  // `log` outlives the server. The ground has diagnostics.
  static Result<std::unique_ptr<ProfilingServer>> start(sys::Ground& ground, sys::Loop& loop,
                                                        const sys::Endpoint& at, Log& log,
                                                        std::vector<std::string> command_line);
  ~ProfilingServer() override;

  // The bound address.
  sys::Endpoint local() const { return http_->local(); }

 private:
  // A profile that takes its time.
  class Running;

  ProfilingServer(sys::Ground& ground, sys::Loop& loop, std::vector<std::string> command_line);

  void on_request(const HttpRequest& request, Reply connection) override;
  void answer_profile(std::string_view name, const HttpParams& params, Reply connection);
  void start_difference(const ProfileKind& kind, const HttpParams& params, Reply connection);
  void start_cpu_profile(const HttpParams& params, Reply connection);
  void finish_later(Reply connection, Duration after, std::move_only_function<HttpAnswer()> finish);
  // Makes the answer on a worker.
  void answer(Reply connection, std::move_only_function<HttpAnswer()> make);
  void forget(Running& running);

  sys::Ground& ground_;
  sys::Loop& loop_;
  sys::Diagnostics& diagnostics_;
  std::vector<std::string> command_line_;
  std::unordered_map<Running*, std::unique_ptr<Running>> running_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace nats::monitor
