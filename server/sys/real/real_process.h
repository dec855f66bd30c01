// Facts about this process and machine, entropy from the kernel, and the terminal.
#pragma once

#include <atomic>

#include "server/sys/ground.h"

namespace nats::sys {

class RealProcess final : public Process {
 public:
  RealProcess();

  int pid() const override;
  int cores() const override;
  std::string executable_name() const override;
  std::string invocation_name() const override;
  std::string working_directory() const override;
  std::string host_name() const override;
  std::optional<std::string> environment(std::string_view name) const override;
  std::vector<std::string> interface_addresses() const override;
  ResourceUse resource_use() const override;
  std::uint64_t memory_total_bytes() const override;
  std::vector<int> pids_of_programs(std::string_view name) const override;
  Result<void> send_signal(int pid, Signal signal) override;

  // Once a second: the reference reports CPU over the last such interval, in tenths of a percent.
  void sample_cpu();

 private:
  std::int64_t sampled_at_s_ = 0;
  std::int64_t sampled_cpu_ms_ = 0;
  std::atomic<std::int64_t> cpu_permille_{0};
};

class RealEntropy final : public Entropy {
 public:
  void fill(std::span<char> out) override;
};

class RealConsole final : public Console {
 public:
  void write_out(std::string_view text) override;
  void write_error(std::string_view text) override;
  bool error_is_terminal() const override;
};

}  // namespace nats::sys
