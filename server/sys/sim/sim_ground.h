// The ground of one simulated process on one simulated host.
//
// Made by SimWorld::make_ground. Destroy the server that stands on it first, then the ground, then the
// world. To crash a server: kill() or power_cut(), destroy the server and the ground, make another
// ground of the same name: it has the same address and the same disk.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/sys/ground.h"
#include "server/sys/sim/sim_disk.h"
#include "server/sys/sim/sim_loop.h"
#include "server/sys/sim/sim_network.h"
#include "server/sys/sim/sim_options.h"

namespace nats::sys {

class SimEntropy final : public Entropy {
 public:
  explicit SimEntropy(std::uint64_t seed) : random_(seed) {}
  void fill(std::span<char> out) override;

 private:
  Random random_;
};

class SimWorkerPool final : public WorkerPool {
 public:
  explicit SimWorkerPool(SimCore& core) : core_(core), self_(std::make_shared<SimWorkerPool*>(this)) {}
  ~SimWorkerPool() override { stop(); }
  void run(Task work, Loop& home, Task done) override;
  void stop();

 private:
  struct Job {
    Task work;
    SimLoop* home;
    Task done;
  };

  void finish(std::uint64_t number);

  SimCore& core_;
  std::shared_ptr<SimWorkerPool*> self_;  // null inside once stopped
  std::map<std::uint64_t, Job> jobs_;
  std::uint64_t next_job_ = 0;
};

class SimProcess final : public Process {
 public:
  SimProcess(const SimGroundOptions& options, std::string address, int pid)
      : options_(options), address_(std::move(address)), pid_(pid) {}
  int pid() const override { return pid_; }
  int cores() const override { return options_.cores; }
  std::string executable_name() const override { return options_.executable_name; }
  std::string host_name() const override { return address_; }
  std::string invocation_name() const override { return options_.executable_name; }
  std::string working_directory() const override { return "/"; }
  // Nobody else is there.
  std::vector<int> pids_of_programs(std::string_view) const override { return {pid_}; }
  Result<void> send_signal(int, Signal) override { return fail(ErrorCode::not_found, "no such process"); }
  std::optional<std::string> environment(std::string_view name) const override;
  std::vector<std::string> interface_addresses() const override { return {address_}; }
  ResourceUse resource_use() const override { return resource_use_; }
  std::uint64_t memory_total_bytes() const override { return options_.memory_total_bytes; }
  void set_resource_use(ResourceUse use) { resource_use_ = use; }

 private:
  const SimGroundOptions options_;
  const std::string address_;
  const int pid_;
  ResourceUse resource_use_{std::uint64_t{16} << 20, 0};
};

// Keeps what was written.
class SimConsole final : public Console {
 public:
  void write_out(std::string_view text) override { out_ += text; }
  void write_error(std::string_view text) override { error_ += text; }
  bool error_is_terminal() const override { return false; }
  const std::string& out() const { return out_; }
  const std::string& error() const { return error_; }
  void clear() {
    out_.clear();
    error_.clear();
  }

 private:
  std::string out_;
  std::string error_;
};

class SimGround final : public Ground {
 public:
  SimGround(SimCore& core, SimNetwork& network, SimDisk& disk, std::uint32_t host, int pid,
            const SimGroundOptions& options);
  ~SimGround() override;

  int loop_count() const override { return static_cast<int>(loops_.size()); }
  Loop& loop(int index) override { return *loops_.at(static_cast<std::size_t>(index)); }
  Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Loop& loop, AcceptHandler& accept) override;
  void connect(const Endpoint& to, Loop& loop, Duration timeout, SimConnectDone done) override;
  Files& files() override { return disk_; }
  Entropy& entropy() override { return entropy_; }
  WorkerPool& workers() override { return workers_; }
  Result<std::unique_ptr<MessageSender>> connect_message_sender(MessageTransport,
                                                                const std::string&) override {
    return fail(ErrorCode::unsupported, "this ground has no log daemon");
  }
  Tls* tls() override { return nullptr; }
  Diagnostics* diagnostics() override { return nullptr; }
  SimProcess& process() override { return process_; }
  SimConsole& console() override { return console_; }
  WallTime wall_now() const override { return core_.wall_now() + wall_offset_; }
  Instant now() const override { return core_.now(); }
  void handle_signals(SignalHandler& handler) override { signal_handler_ = &handler; }
  Duration utc_offset(WallTime) const override { return {}; }

  const std::string& name() const { return name_; }
  const std::string& address() const { return network_.address(host_); }
  SimDisk& disk() { return disk_; }
  bool alive() const { return alive_; }

  // SIGKILL: nothing runs here any more; the kernel closes the sockets; written files stay.
  void kill();
  // Peers hear nothing; the disk keeps what was synced, and what chance adds.
  void power_cut();
  // SIGSTOP and SIGCONT: the kernel goes on taking bytes and connections.
  void suspend(bool suspended);
  void deliver_signal(Signal signal);
  // The wall clock jumps; the monotonic one does not.
  void set_wall_offset(Duration offset);

 private:
  void stop_running();

  SimCore& core_;
  SimNetwork& network_;
  SimDisk& disk_;
  const std::uint32_t host_;
  const std::string name_;
  SimEntropy entropy_;
  SimProcess process_;
  SimConsole console_;
  std::vector<std::unique_ptr<SimLoop>> loops_;
  SimWorkerPool workers_;
  SignalHandler* signal_handler_ = nullptr;
  Duration wall_offset_;
  bool alive_ = true;
};

}  // namespace nats::sys
