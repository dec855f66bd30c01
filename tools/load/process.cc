#include "tools/load/process.h"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

#include <fmt/core.h>

#include "tools/load/clock.h"
#include "tools/load/failure.h"

namespace natstwin::load {

Process::Process(pid_t pid) : pid_(pid) {
  if (clock_getcpuclockid(pid, &cpu_clock_) != 0) throw Failure(fmt::format("no process {}", pid));
}

std::uint64_t Process::cpu_ns() const {
  timespec time{};
  if (clock_gettime(cpu_clock_, &time) != 0) throw Failure(fmt::format("process {} is gone", pid_));
  return to_ns(time);
}

// smaps_rollup is exact; the counters behind VmRSS are batched per processor and lag by up to a megabyte.
MemoryUse Process::memory() const {
  const std::string path = fmt::format("/proc/{}/smaps_rollup", pid_);
  std::ifstream file(path);
  MemoryUse use;
  bool found = false;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("Rss:")) {
      use.resident = std::stoull(line.substr(4)) * 1024;
      found = true;
    }
    if (line.starts_with("Anonymous:")) use.anonymous = std::stoull(line.substr(10)) * 1024;
  }
  if (!found) throw Failure("no memory figures in " + path);
  return use;
}

std::uint64_t own_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return to_ns(time);
}

std::uint64_t machine_busy_ns() {
  std::ifstream file("/proc/stat");
  std::string word;
  file >> word;
  std::uint64_t busy_ticks = 0;
  std::uint64_t ticks = 0;
  // user nice system idle iowait irq softirq steal
  for (int column = 0; column < 8 && file >> ticks; ++column)
    if (column != 3 && column != 4) busy_ticks += ticks;
  return busy_ticks * (1'000'000'000U / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
}

}  // namespace natstwin::load
