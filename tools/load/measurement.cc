#include "tools/load/measurement.h"

#include <unistd.h>

#include <algorithm>

#include "tools/load/clock.h"
#include "tools/load/report.h"

namespace natstwin::load {

Measurement::Measurement(const Process& server) : server_(server) {}

Measurement::Reading Measurement::read() const {
  return {.time = now_ns(),
          .server_cpu = server_.cpu_ns(),
          .own_cpu = own_cpu_ns(),
          .machine_busy = machine_busy_ns()};
}

void Measurement::start() { begin_ = read(); }
void Measurement::stop() { end_ = read(); }

double Measurement::seconds() const { return static_cast<double>(end_.time - begin_.time) / 1e9; }

void Measurement::add_to(Report& report, std::uint64_t messages) const {
  const double elapsed = static_cast<double>(end_.time - begin_.time);
  const auto server = static_cast<double>(end_.server_cpu - begin_.server_cpu);
  const auto own = static_cast<double>(end_.own_cpu - begin_.own_cpu);
  const auto busy = static_cast<double>(end_.machine_busy - begin_.machine_busy);
  const auto processors = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  report.count("messages", messages)
      .number("seconds", elapsed / 1e9)
      .number("messages_per_second", static_cast<double>(messages) * 1e9 / elapsed)
      .number("cpu_ns_per_message", messages == 0 ? 0.0 : server / static_cast<double>(messages))
      .number("server_cpu_share", server / elapsed)
      .number("load_cpu_share", own / elapsed)
      // Share of the whole machine that neither server nor generator used.
      .number("foreign_cpu_share", std::max(0.0, busy - server - own) / (elapsed * processors));
}

}  // namespace natstwin::load
