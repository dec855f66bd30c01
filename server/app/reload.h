// Reload: reads the configuration again and brings the server that runs to it. A SIGHUP asks for it,
// later $SYS.REQ.SERVER.{id}.RELOAD too. On loop 0.
//
// One after the other: read the file on a worker; compare (config/reload_plan.h) - a refusal ends it
// here and the old configuration stays in force whole; give the new one to all loops; what each
// changed option does, in the order of the plan, with its line in the log; the log; what is traced;
// who may stay, by user and by certificate. Messages flow all the while.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "server/base/error.h"
#include "server/config/command_line.h"
#include "server/config/reload_plan.h"
#include "server/sys/ground.h"

namespace nats::broker {
class Broker;
}

namespace nats::app {

class Server;

class Reload {
 public:
  // The error's detail is what the log says behind "Failed to reload server configuration: ".
  using Done = std::move_only_function<void(Result<void>)>;
  // The log is to be as `options` say from now on. False: it cannot be and the program ends.
  using ConfigureLog = std::function<bool(const config::Options& options)>;

  // `flags` were given at the start; they hold over what the file says. All must outlive it.
  Reload(sys::Ground& ground, Server& server, config::Flags flags, ConfigureLog configure_log);

  // Runs behind those that were asked for before.
  void request(Done done);
  bool running() const { return running_; }

 private:
  void read();
  void on_read(Result<config::Options> next);
  void apply_changes();
  bool apply(const config::OptionChange& change);
  void close_surplus();
  void close_proxied();
  void begin_closing_surplus();
  void note(const config::OptionChange& change);
  void apply_log();
  // Who may stay: by user, then by certificate.
  void check_clients();
  void restart_ocsp();
  void announce();
  void find_unpinned();
  void close_unpinned();
  void succeed();
  void finish(Result<void> outcome);

  sys::Ground& ground_;
  Server& server_;
  broker::Broker& broker_;
  const config::Flags flags_;
  const ConfigureLog configure_log_;
  std::deque<Done> waiting_;  // the first one runs

  // Of the one that runs.
  bool running_ = false;
  std::shared_ptr<const config::Options> previous_;
  config::ReloadPlan plan_;
  std::size_t next_change_ = 0;
  std::vector<std::vector<std::uint64_t>> clients_;  // ids by loop, each written by its loop
};

}  // namespace nats::app
