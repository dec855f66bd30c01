#include "server/sys/real/diagnostics/cpu_profiler.h"

#include <signal.h>
#include <sys/time.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/base/check.h"
#include "server/sys/real/clocks.h"
#include "server/sys/real/diagnostics/signal_stack.h"

namespace nats::sys {

namespace {

// Distinct stacks with their counts, in memory of fixed size: handlers may not ask for more.
class SampleTable {
 public:
  // In a handler. Two at once are rare: the second is lost.
  void add(void* context) {
    if (busy_.test_and_set(std::memory_order_acquire)) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    scratch_.walk(context);
    count(scratch_);
    busy_.clear(std::memory_order_release);
  }

  // When no handler can come any more.
  std::vector<CpuSample> samples() const {
    std::vector<CpuSample> out;
    for (const Slot& slot : slots_)
      if (slot.count > 0) out.push_back({slot.stack.copy(), slot.count});
    return out;
  }
  std::int64_t lost() const { return lost_.load(); }

 private:
  static constexpr std::size_t slot_count = 4096;
  static constexpr std::size_t probes_max = 32;

  struct Slot {
    std::int64_t count = 0;
    SignalStack stack;
  };

  static bool same(const SignalStack& a, const SignalStack& b) {
    return a.depth == b.depth &&
           std::equal(a.addresses.begin(), a.addresses.begin() + a.depth, b.addresses.begin());
  }

  void count(const SignalStack& stack) {
    std::size_t hash = stack.depth;
    for (std::uint32_t i = 0; i < stack.depth; ++i) hash = (hash ^ stack.addresses[i]) * 0x9E3779B97F4A7C15;
    for (std::size_t probe = 0; probe < probes_max; ++probe) {
      Slot& slot = slots_[((hash >> 32) + probe) % slot_count];
      if (slot.count == 0) slot.stack = stack;
      if (slot.count != 0 && !same(slot.stack, stack)) continue;
      ++slot.count;
      return;
    }
    lost_.fetch_add(1, std::memory_order_relaxed);
  }

  std::atomic_flag busy_;
  SignalStack scratch_;
  std::vector<Slot> slots_{slot_count};
  std::atomic<std::int64_t> lost_{0};
};

struct Run {
  SampleTable table;
  WallTime start;
  Instant started;
};

std::mutex changing;
std::unique_ptr<Run> run;
// What handlers write to, and how many are at it.
std::atomic<SampleTable*> current{nullptr};
std::atomic<int> handlers{0};

void on_tick(int, void* context) {
  handlers.fetch_add(1);
  if (SampleTable* table = current.load()) table->add(context);
  handlers.fetch_sub(1);
}

void set_timer(Duration interval) {
  timeval every{};
  every.tv_usec = interval.ns / 1000;
  const itimerval timer{every, every};
  NATS_CHECK(::setitimer(ITIMER_PROF, &timer, nullptr) == 0);
}

}  // namespace

Result<void> CpuProfiler::start() {
  std::lock_guard lock(changing);
  if (run) return fail(ErrorCode::already_exists, "cpu profiling already in use");
  run = std::make_unique<Run>();
  run->start = read_wall_clock();
  run->started = read_monotonic_clock();
  current.store(&run->table);
  // It stays: a tick may still be on its way when a profile ends, and SIGPROF kills by default.
  install_signal_handler(SIGPROF, on_tick);
  set_timer(period);
  return {};
}

CpuProfile CpuProfiler::stop() {
  std::lock_guard lock(changing);
  NATS_CHECK(run);
  set_timer({});
  current.store(nullptr);
  while (handlers.load() != 0) std::this_thread::yield();
  CpuProfile profile;
  profile.start = run->start;
  profile.duration = read_monotonic_clock() - run->started;
  profile.period = period;
  profile.samples = run->table.samples();
  profile.lost = run->table.lost();
  run.reset();
  return profile;
}

}  // namespace nats::sys
