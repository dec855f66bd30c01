// What a running process can tell of itself to whoever hunts a fault: where its threads are, where
// it spends its time, what its memory is used for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/base/time.h"

namespace nats::sys {

using CodeAddress = std::uintptr_t;

// Innermost first. All but the first address of a stack are return addresses.
using CodeStack = std::vector<CodeAddress>;

struct ThreadStack {
  int id = 0;  // the kernel's
  std::string name;
  char state = '?';  // as in /proc: R running, S sleeping, D waiting for a disk, ...
  bool asking = false;
  CodeStack stack;  // empty: it did not answer in time
};

// The function an address lies in; empty where the program was stripped.
struct CodePlace {
  std::string function;
  CodeAddress start = 0;  // of the function
  std::string file;       // empty: unknown
  int line = 0;
};

// A part of a file that is mapped as code.
struct CodeMapping {
  CodeAddress start = 0, limit = 0;
  std::uint64_t file_offset = 0;
  std::string file;
};

struct CpuSample {
  CodeStack stack;
  std::int64_t count = 0;
};

struct CpuProfile {
  WallTime start;
  Duration duration;
  Duration period;  // of CPU time, between two samples
  std::vector<CpuSample> samples;
  std::int64_t lost = 0;  // samples for which there was no room
};

// Bytes, and counts of blocks.
struct MemoryUse {
  std::uint64_t from_system = 0;  // heap and large blocks
  std::uint64_t heap_from_system = 0;
  std::uint64_t in_use = 0;
  std::uint64_t idle = 0;
  std::uint64_t returnable = 0;  // idle at the heap's end
  std::uint64_t large_blocks = 0, large_bytes = 0;
  std::uint64_t stacks = 0;  // of threads
};

// Thread-safe; calls may take a tenth of a second, so they belong on the worker pool.
class Diagnostics {
 public:
  virtual ~Diagnostics() = default;

  // Every thread, the asking one first.
  virtual std::vector<ThreadStack> threads() = 0;
  virtual CodePlace place(CodeAddress address) = 0;
  virtual std::vector<CodeMapping> mappings() = 0;

  // One profile at a time; the error's detail is Go's: "cpu profiling already in use".
  virtual Result<void> start_cpu_profile() = 0;
  // Only after start_cpu_profile().
  virtual CpuProfile stop_cpu_profile() = 0;

  virtual MemoryUse memory() = 0;
};

}  // namespace nats::sys
