#include "server/sys/real/diagnostics/real_diagnostics.h"

#include <malloc.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string_view>

#include "server/sys/real/diagnostics/symbols.h"
#include "server/sys/real/diagnostics/thread_stacks.h"

namespace nats::sys {

namespace {

std::uint64_t main_stack_bytes() {
  std::ifstream file("/proc/self/status");
  constexpr std::string_view head = "VmStk:";
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(head)) return std::strtoull(line.c_str() + head.size(), nullptr, 10) * 1024;
  return 0;
}

}  // namespace

std::vector<ThreadStack> RealDiagnostics::threads() { return collect_thread_stacks(); }

CodePlace RealDiagnostics::place(CodeAddress address) { return find_place(address); }

std::vector<CodeMapping> RealDiagnostics::mappings() {
  std::vector<CodeMapping> out;
  std::ifstream file("/proc/self/maps");
  for (std::string line; std::getline(file, line);) {
    CodeMapping mapping;
    char rights[5] = {};
    unsigned long long offset = 0;
    int path_at = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %4s %llx %*s %*s %n", &mapping.start, &mapping.limit, rights,
                    &offset, &path_at) != 4 ||
        rights[2] != 'x')
      continue;
    mapping.file_offset = offset;
    mapping.file = line.substr(static_cast<std::size_t>(path_at));
    out.push_back(std::move(mapping));
  }
  return out;
}

MemoryUse RealDiagnostics::memory() {
  const struct mallinfo2 info = ::mallinfo2();
  MemoryUse use;
  use.heap_from_system = info.arena;
  use.large_blocks = info.hblks;
  use.large_bytes = info.hblkhd;
  use.from_system = info.arena + info.hblkhd;
  use.in_use = info.uordblks + info.hblkhd;
  use.idle = info.fordblks;
  use.returnable = info.keepcost;
  use.stacks = main_stack_bytes();
  return use;
}

}  // namespace nats::sys
