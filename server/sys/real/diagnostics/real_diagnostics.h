#pragma once

#include "server/sys/diagnostics.h"
#include "server/sys/real/diagnostics/cpu_profiler.h"

namespace nats::sys {

class RealDiagnostics final : public Diagnostics {
 public:
  std::vector<ThreadStack> threads() override;
  CodePlace place(CodeAddress address) override;
  std::vector<CodeMapping> mappings() override;
  Result<void> start_cpu_profile() override { return cpu_profiler_.start(); }
  CpuProfile stop_cpu_profile() override { return cpu_profiler_.stop(); }
  MemoryUse memory() override;

 private:
  CpuProfiler cpu_profiler_;
};

}  // namespace nats::sys
