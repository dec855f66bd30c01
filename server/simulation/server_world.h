// Servers and their clients in one simulated world. Clients of a server live on one host beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/app/reload.h"
#include "server/app/server.h"
#include "server/base/log.h"
#include "server/simulation/delivery_checker.h"
#include "server/simulation/world_client.h"
#include "server/sys/sim/sim_world.h"

namespace nats::simulation {

struct ServerWorldPlan {
  std::uint64_t seed = 1;
  int servers = 1;
  int clients_per_server = 10;
  int publishers_per_server = 2;
  int messages_per_burst = 10;
  Duration pause = Duration::from_ms(10);
  bool from_file = false;  // servers read a configuration, which reload() changes
  // That configuration has so many accounts, over which clients are spread; the last one comes and goes.
  int accounts = 0;
};

// Keeps what is worse than a notice.
class WorldLog final : public Log {
 public:
  void write(LogLevel level, std::string_view message) override;
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  std::vector<std::string> errors_;
};

class ServerWorld {
 public:
  explicit ServerWorld(const ServerWorldPlan& plan);
  ~ServerWorld();

  sys::SimWorld& world() { return world_; }
  app::Server& server(int index) { return *servers_[static_cast<std::size_t>(index)].server; }
  const WorldLog& log() const { return log_; }
  std::uint64_t delivered() const { return checker_.delivered(); }
  // What did not hold, with the seed; empty: everything did.
  std::string violation() const;
  std::uint64_t reconnects() const;

  // Something goes wrong somewhere: a connection is cut, or a server and its clients lose each other
  // for a while.
  void disturb();
  // Some server is to run with another configuration: limits, users and permissions change. Asked for
  // more often than a reload takes, they queue.
  void reload();
  std::uint64_t reloads() const { return reloads_; }  // that are done
  std::uint64_t refusals() const;                     // of clients whose account was not there

 private:
  struct Host {
    std::unique_ptr<sys::SimGround> ground;
    std::unique_ptr<app::Server> server;
    std::unique_ptr<app::Reload> reload;
    std::unique_ptr<sys::SimGround> client_ground;
    std::vector<std::unique_ptr<WorldClient>> clients;
  };

  void start_server(int index);
  void write_configuration(int index);
  std::string accounts_text(std::uint64_t number);
  std::uint64_t account_of(std::uint32_t client) const {
    return client % static_cast<std::uint64_t>(plan_.accounts);
  }
  std::string check_account(std::uint32_t subscriber, std::string_view payload) const;
  config::Options read_configuration(int index);
  void start_clients(int index);
  std::string server_name(int index) const;
  std::string clients_name(int index) const;

  ServerWorldPlan plan_;
  WorldLog log_;
  sys::SimWorld world_;
  DeliveryChecker checker_;
  std::vector<Host> servers_;
  std::string violation_;
  std::uint64_t configurations_ = 0;  // written so far
  std::uint64_t reloads_ = 0;
  int parted_ = -1;  // the server that is partitioned from its clients
};

}  // namespace nats::simulation
