#include "server/sys/real/diagnostics/real_diagnostics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace nats::sys {
namespace {

// Has a name of its own in the symbol table.
__attribute__((noinline)) void burn_cpu(std::atomic<bool>& stop) {
  volatile unsigned sum = 0;
  while (!stop) sum = sum + 1;
}

bool stack_has(RealDiagnostics& diagnostics, const CodeStack& stack, std::string_view name) {
  return std::ranges::any_of(stack, [&](CodeAddress at) {
    return diagnostics.place(at - 1).function.find(name) != std::string::npos;
  });
}

class Burner {
 public:
  ~Burner() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_{[this] { burn_cpu(stop_); }};
};

TEST(RealDiagnostics, TellsWhereEachThreadIs) {
  RealDiagnostics diagnostics;
  Burner burner;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::vector<ThreadStack> threads = diagnostics.threads();
  ASSERT_GE(threads.size(), 2u);
  EXPECT_TRUE(threads.front().asking);
  EXPECT_TRUE(stack_has(diagnostics, threads.front().stack, "TellsWhereEachThreadIs"));
  EXPECT_TRUE(std::ranges::any_of(threads, [&](const ThreadStack& thread) {
    return !thread.asking && stack_has(diagnostics, thread.stack, "burn_cpu");
  }));
}

TEST(RealDiagnostics, ProfilesWhatUsesTheCpu) {
  RealDiagnostics diagnostics;
  ASSERT_TRUE(diagnostics.start_cpu_profile());
  EXPECT_EQ(diagnostics.start_cpu_profile().error().detail, "cpu profiling already in use");
  {
    Burner burner;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  const CpuProfile profile = diagnostics.stop_cpu_profile();
  std::int64_t burnt = 0;
  for (const CpuSample& sample : profile.samples)
    if (stack_has(diagnostics, sample.stack, "burn_cpu")) burnt += sample.count;
  EXPECT_GE(burnt, 5);  // of about 30, on a busy machine
  EXPECT_GE(profile.duration.ns, 300'000'000);
  ASSERT_TRUE(diagnostics.start_cpu_profile());
  EXPECT_GE(diagnostics.stop_cpu_profile().duration.ns, 0);
}

TEST(RealDiagnostics, KnowsTheProgramAndItsMemory) {
  RealDiagnostics diagnostics;
  const auto here = reinterpret_cast<CodeAddress>(&burn_cpu);
  EXPECT_TRUE(std::ranges::any_of(diagnostics.mappings(), [&](const CodeMapping& mapping) {
    return here >= mapping.start && here < mapping.limit && !mapping.file.empty();
  }));
  EXPECT_NE(diagnostics.place(here + 1).function.find("burn_cpu"), std::string::npos);
  const std::string block(1 << 20, 'x');
  EXPECT_GE(diagnostics.memory().in_use, block.size());
}

}  // namespace
}  // namespace nats::sys
