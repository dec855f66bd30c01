#include "server/monitor/profiling/expvar.h"

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "server/gojson/writer.h"

namespace nats::monitor {

namespace {

// What a collector of garbage would tell of its pauses: there is none.
constexpr std::size_t pauses_kept = 256;

std::string zeros(std::size_t count) {
  std::string out = "[0";
  for (std::size_t i = 1; i < count; ++i) out += ",0";
  return out + "]";
}

std::string memory_text(const sys::MemoryUse& use) {
  const std::pair<std::string_view, std::uint64_t> counters[] = {
      {"Alloc", use.in_use},
      {"TotalAlloc", use.in_use},
      {"Sys", use.from_system + use.stacks},
      {"Lookups", 0},
      {"Mallocs", use.large_blocks},
      {"Frees", 0},
      {"HeapAlloc", use.in_use},
      {"HeapSys", use.from_system},
      {"HeapIdle", use.idle},
      {"HeapInuse", use.in_use},
      {"HeapReleased", 0},
      {"HeapObjects", use.large_blocks},
      {"StackInuse", use.stacks},
      {"StackSys", use.stacks},
      {"MSpanInuse", 0},
      {"MSpanSys", 0},
      {"MCacheInuse", 0},
      {"MCacheSys", 0},
      {"BuckHashSys", 0},
      {"GCSys", 0},
      {"OtherSys", 0},
      {"NextGC", 0},
      {"LastGC", 0},
      {"PauseTotalNs", 0},
  };
  std::string out = "{";
  for (const auto& [name, value] : counters) out += fmt::format("\"{}\":{},", name, value);
  out += fmt::format("\"PauseNs\":{0},\"PauseEnd\":{0},", zeros(pauses_kept));
  out += R"("NumGC":0,"NumForcedGC":0,"GCCPUFraction":0,"EnableGC":false,"DebugGC":false,"BySize":[]})";
  return out;
}

std::string arguments_text(const std::vector<std::string>& arguments) {
  std::string out;
  gojson::Writer writer(out, "");
  writer.begin_array();
  for (const std::string& argument : arguments) writer.string(argument);
  writer.end_array();
  return out;
}

}  // namespace

std::string expvars(sys::Diagnostics& diagnostics, const std::vector<std::string>& command_line) {
  return fmt::format("{{\n\"cmdline\": {},\n\"memstats\": {}\n}}\n", arguments_text(command_line),
                     memory_text(diagnostics.memory()));
}

}  // namespace nats::monitor
