// The server: the object graph on a ground, its start and its end. The same on every ground.
//
// Made before the loops run; start() and everything after it happens on loop 0.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/app/lame_duck.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/broker/broker.h"
#include "server/config/options.h"
#include "server/sys/ground.h"
#include "server/system/system_services.h"

namespace nats::app {

class Monitoring;
class Ocsp;
class Profiling;

class Server final : private sys::AcceptHandler, private sys::Timer {
 public:
  // `command_line` without secrets: monitoring shows it.
  Server(sys::Ground& ground, Log& log, std::shared_ptr<const config::Options> options,
         std::vector<std::string> command_line = {});
  ~Server() override;

  // What must be known before it starts: may come from far away. The error's detail is what the program
  // dies of, before it has a log. `done` runs on loop 0, perhaps at once.
  void prepare(std::move_only_function<void(Result<void>)> done);
  // Says who it is, opens monitoring and listeners. The error's detail is the reference's fatal line; a log
  // that outlives those has it already, and the server goes on without what failed.
  Result<void> start();
  // Closes listeners and clients; `done` runs on loop 0 when the last one is gone.
  void shutdown(std::function<void()> done);

  // Takes no more clients, closes those it has, and stops; `done` as with shutdown().
  void enter_lame_duck_mode(std::function<void()> done);
  bool in_lame_duck_mode() const { return lame_duck_ != nullptr; }

  // For a reload. Host and port of INFO as `options` want them; the error is that of a port.
  Result<void> advertise(const config::Options& options, broker::ServerInfo& info) const;
  // As the options in force say.
  Result<void> write_pid_file();
  void write_ports_file();
  // Nothing where `directory` is empty.
  void remove_ports_file(const std::string& directory);

  // Runs on loop 0 when the server is to end of its own accord.
  void set_on_ending(std::function<void()> ending) { on_ending_ = std::move(ending); }

  broker::Broker& broker() { return *broker_; }
  Ocsp& ocsp() { return *ocsp_; }
  system::SystemServices& services() { return *services_; }
  // Where clients connect, once started.
  sys::Endpoint client_endpoint() const { return client_listener_->local(); }
  sys::Endpoint monitor_endpoint() const;

 private:
  sys::Loop& pick_loop() override;
  void on_accept(std::unique_ptr<sys::Stream> stream) override;
  void on_accept_error(const Error& error) override;

  // Once a second where handshakes are limited: how many were refused.
  void on_timer(Instant now) override;

  void announce();
  void announce_configuration();
  void announce_tls();
  Result<void> endure(Result<void> step);
  Result<void> start_profiling();
  Result<void> start_services();
  Result<void> start_monitoring();
  Result<void> start_client_listener();
  const config::Options& options() const { return broker_->options(); }
  void finish_shutdown();

  sys::Ground& ground_;
  Log& log_;
  std::vector<std::string> command_line_;
  std::unique_ptr<Ocsp> ocsp_;
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<system::SystemServices> services_;
  std::unique_ptr<Monitoring> monitoring_;
  std::unique_ptr<Profiling> profiling_;
  std::unique_ptr<sys::Listener> client_listener_;
  std::unique_ptr<LameDuck> lame_duck_;
  int loops_closing_ = 0;
  bool stopping_ = false;
  std::function<void()> on_stopped_;
  std::function<void()> on_ending_;
};

}  // namespace nats::app
