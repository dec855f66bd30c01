// idle: what a connection costs that said hello and then nothing. subscriptions: what a subscription costs.
#include <fmt/core.h>

#include <string>
#include <vector>

#include "tools/load/commands.h"
#include "tools/load/connection.h"
#include "tools/load/failure.h"
#include "tools/load/process.h"

namespace natstwin::load {

namespace {

double growth(const MemoryUse& before, const MemoryUse& after) {
  return static_cast<double>(after.resident) - static_cast<double>(before.resident);
}

}  // namespace

Report run_idle(Options& options) {
  const auto port = static_cast<std::uint16_t>(options.required_count("port"));
  const Process server(static_cast<pid_t>(options.required_count("pid")));
  const std::uint64_t count = options.count("connections", 5000);
  const double settle = options.seconds("settle", 1);
  const Transport transport = options.transport();
  const double pause = options.seconds("pause", 3);
  options.check_all_known();
  if (count == 0) throw Failure("--connections must be at least 1");

  Loop loop(port, transport);
  QuietClient quiet;
  const MemoryUse before = server.memory();
  std::vector<Connection*> connections;
  for (std::uint64_t at = 0; at < count; ++at) connections.push_back(&loop.connect(quiet));
  loop.run_for(settle);
  const MemoryUse connected = server.memory();
  loop.run_for(pause);
  loop.barrier(connections);
  loop.run_for(settle);
  const MemoryUse pinged = server.memory();

  const auto n = static_cast<double>(count);
  Report report;
  report.count("connections", count)
      .count("rss_before", before.resident)
      .count("rss_after", connected.resident)
      .number("bytes_per_connection", growth(before, connected) / n)
      .number("bytes_per_connection_after_ping", growth(before, pinged) / n);
  return report;
}

Report run_subscriptions(Options& options) {
  const auto port = static_cast<std::uint16_t>(options.required_count("port"));
  const Process server(static_cast<pid_t>(options.required_count("pid")));
  const std::uint64_t connection_count = options.count("connections", 10);
  const std::uint64_t count = options.count("subscriptions", 200'000);
  const double settle = options.seconds("settle", 1);
  options.check_all_known();
  if (connection_count == 0 || count == 0)
    throw Failure("--connections and --subscriptions must be at least 1");

  Loop loop(port);
  QuietClient quiet;
  std::vector<Connection*> connections;
  for (std::uint64_t at = 0; at < connection_count; ++at) connections.push_back(&loop.connect(quiet));
  loop.run_for(settle);
  const MemoryUse before = server.memory();
  constexpr std::uint64_t batch = 1000;
  for (std::uint64_t at = 0; at < count; ++at) {
    Connection& connection = *connections[at % connection_count];
    connection.send(fmt::format("SUB bench.sub.{} {}\r\n", at, at / connection_count + 1));
    if (at % batch == batch - 1) loop.poll(0);
  }
  loop.barrier(connections);
  loop.run_for(settle);
  const MemoryUse after = server.memory();

  Report report;
  report.count("subscriptions", count)
      .count("rss_before", before.resident)
      .count("rss_after", after.resident)
      .number("bytes_per_subscription", growth(before, after) / static_cast<double>(count));
  return report;
}

}  // namespace natstwin::load
