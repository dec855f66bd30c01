#include "server/monitor/profiling/profile_kinds.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace nats::monitor {

namespace {

constexpr std::int64_t heap_sample_bytes = 512 * 1024;  // Go's; it stands in the texts

Profile collect_threads(sys::Diagnostics& diagnostics, std::string_view name) {
  Profile profile{{{name, "count"}}, {name, "count"}, 1, {}, {}, {}};
  for (const sys::ThreadStack& thread : diagnostics.threads())
    profile.samples.try_emplace(thread.stack, std::vector<std::int64_t>{0}).first->second[0] += 1;
  return profile;
}

Profile collect_goroutines(sys::Diagnostics& diagnostics) {
  return collect_threads(diagnostics, "goroutine");
}

Profile collect_leaked(sys::Diagnostics&) {
  return {{{"goroutineleak", "count"}}, {"goroutineleak", "count"}, 1, {}, {}, {}};
}

Profile collect_thread_creations(sys::Diagnostics& diagnostics) {
  // Who made a thread is not kept.
  const auto count = static_cast<std::int64_t>(diagnostics.threads().size());
  return {{{"threadcreate", "count"}}, {"threadcreate", "count"}, 1, {}, {}, {{{}, {count}}}};
}

Profile collect_heap(sys::Diagnostics&) {
  return {{{"alloc_objects", "count"},
           {"alloc_space", "bytes"},
           {"inuse_objects", "count"},
           {"inuse_space", "bytes"}},
          {"space", "bytes"},
          heap_sample_bytes,
          {},
          {},
          {}};
}

Profile collect_contention(sys::Diagnostics&) {
  return {{{"contentions", "count"}, {"delay", "nanoseconds"}}, {"contentions", "count"}, 1, {}, {}, {}};
}

std::string place_text(sys::Diagnostics& diagnostics, sys::CodeAddress address, bool is_return) {
  const sys::CodePlace place = diagnostics.place(address - (is_return ? 1 : 0));
  std::string out = fmt::format("#\t{:#x}\t{}", address - (is_return ? 1 : 0),
                                place.function.empty() ? "?" : place.function);
  if (place.start != 0) out += fmt::format("+{:#x}", address - place.start);
  if (!place.file.empty()) out += fmt::format("\t{}:{}", place.file, place.line);
  return out + "\n";
}

std::string counted_text(sys::Diagnostics& diagnostics, const Profile& profile) {
  std::string out = fmt::format("{} profile: total {}\n", profile.types[0].name, profile.total());
  std::vector<std::pair<std::int64_t, const sys::CodeStack*>> stacks;
  for (const auto& [stack, values] : profile.samples) stacks.emplace_back(values[0], &stack);
  std::ranges::stable_sort(stacks, std::greater{}, [](const auto& entry) { return entry.first; });
  for (const auto& [count, stack] : stacks) {
    out += fmt::format("{} @", count);
    for (sys::CodeAddress address : *stack) out += fmt::format(" {:#x}", address);
    out += "\n";
    for (std::size_t depth = 0; depth < stack->size(); ++depth)
      out += place_text(diagnostics, (*stack)[depth], depth > 0);
    out += "\n";
  }
  return out;
}

std::string goroutine_text(sys::Diagnostics& diagnostics, std::int64_t debug) {
  if (debug >= 2) return thread_stacks_text(diagnostics);
  return counted_text(diagnostics, collect_goroutines(diagnostics));
}

std::string leaked_text(sys::Diagnostics& diagnostics, std::int64_t) {
  return counted_text(diagnostics, collect_leaked(diagnostics));
}

std::string threadcreate_text(sys::Diagnostics& diagnostics, std::int64_t) {
  return counted_text(diagnostics, collect_thread_creations(diagnostics));
}

std::string heap_text(sys::Diagnostics& diagnostics, std::int64_t) {
  const sys::MemoryUse use = diagnostics.memory();
  std::string out =
      fmt::format("heap profile: 0: 0 [0: 0] @ heap/{}\n\n# runtime.MemStats\n", 2 * heap_sample_bytes);
  const std::pair<std::string_view, std::uint64_t> lines[] = {
      {"Alloc", use.in_use},     {"TotalAlloc", use.in_use},   {"Sys", use.from_system},
      {"HeapAlloc", use.in_use}, {"HeapSys", use.from_system}, {"HeapIdle", use.idle},
      {"HeapInuse", use.in_use}, {"HeapReleased", 0},          {"HeapObjects", use.large_blocks},
      {"Stack", use.stacks},
  };
  for (const auto& [name, value] : lines) out += fmt::format("# {} = {}\n", name, value);
  return out;
}

// Counters of the processor in a second, as far as the texts need one: they count nanoseconds.
constexpr std::int64_t ticks_per_second = 1'000'000'000;

std::string block_text(sys::Diagnostics&, std::int64_t) {
  return fmt::format("--- contention:\ncycles/second={}\n", ticks_per_second);
}

std::string mutex_text(sys::Diagnostics&, std::int64_t) {
  return fmt::format("--- mutex:\ncycles/second={}\nsampling period=0\n", ticks_per_second);
}

// clang-format off
constexpr std::array kinds{
    ProfileKind{"allocs", "A sampling of all past memory allocations", collect_heap, heap_text},
    ProfileKind{"block", "Stack traces that led to blocking on synchronization primitives", collect_contention, block_text},
    ProfileKind{"goroutine", "Stack traces of all current goroutines. Use debug=2 as a query parameter to export in the same format as an unrecovered panic.", collect_goroutines, goroutine_text},
    ProfileKind{"goroutineleak", "Stack traces of all leaked goroutines. Use debug=2 as a query parameter to export in the same format as an unrecovered panic.", collect_leaked, leaked_text},
    ProfileKind{"heap", "A sampling of memory allocations of live objects. You can specify the gc GET parameter to run GC before taking the heap sample.", collect_heap, heap_text},
    ProfileKind{"mutex", "Stack traces of holders of contended mutexes", collect_contention, mutex_text},
    ProfileKind{"threadcreate", "Stack traces that led to the creation of new OS threads", collect_thread_creations, threadcreate_text},
};
// clang-format on

// Go's word for what a thread waits for.
std::string_view state_text(const sys::ThreadStack& thread) {
  if (thread.asking || thread.state == 'R') return "running";
  return thread.state == 'D' ? "syscall" : "IO wait";
}

}  // namespace

std::span<const ProfileKind> profile_kinds() { return kinds; }

const ProfileKind* find_profile_kind(std::string_view name) {
  const auto at = std::ranges::find(kinds, name, &ProfileKind::name);
  return at == kinds.end() ? nullptr : &*at;
}

Profile cpu_profile(const sys::CpuProfile& samples) {
  Profile profile{{{"samples", "count"}, {"cpu", "nanoseconds"}},
                  {"cpu", "nanoseconds"},
                  samples.period.ns,
                  samples.start,
                  samples.duration,
                  {}};
  for (const sys::CpuSample& sample : samples.samples)
    profile.samples[sample.stack] = {sample.count, sample.count * samples.period.ns};
  return profile;
}

std::string thread_stacks_text(sys::Diagnostics& diagnostics) {
  std::string out;
  for (const sys::ThreadStack& thread : diagnostics.threads()) {
    if (!out.empty()) out += "\n";
    out += fmt::format("goroutine {} [{}]:\n", thread.id, state_text(thread));
    for (std::size_t depth = 0; depth < thread.stack.size(); ++depth) {
      const sys::CodeAddress address = thread.stack[depth];
      const sys::CodePlace place = diagnostics.place(address - (depth > 0 ? 1 : 0));
      out += fmt::format("{}(...)\n\t{}:{} +{:#x}\n", place.function.empty() ? "?" : place.function,
                         place.file.empty() ? "?" : place.file, place.line,
                         address - (place.start != 0 ? place.start : address));
    }
    out += fmt::format("thread {}\n", thread.name);
  }
  return out;
}

}  // namespace nats::monitor
