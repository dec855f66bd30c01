// What the kernel knows of a server: CPU time with nanosecond precision, of all its threads past and present,
// and its memory.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace natstwin::load {

struct MemoryUse {
  std::uint64_t resident = 0;   // RSS in bytes
  std::uint64_t anonymous = 0;  // the part of it that no file backs: heap and stacks
};

class Process {
 public:
  explicit Process(pid_t pid);

  pid_t pid() const { return pid_; }
  std::uint64_t cpu_ns() const;
  MemoryUse memory() const;

 private:
  pid_t pid_;
  clockid_t cpu_clock_{};
};

std::uint64_t own_cpu_ns();

// Busy time of all processors since boot, from /proc/stat: what neither server nor generator used is noise.
std::uint64_t machine_busy_ns();

}  // namespace natstwin::load
