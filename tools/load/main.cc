// natstwin-load: puts load on a NATS server and measures what that costs it. One thread, no client library.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "tools/load/commands.h"
#include "tools/load/connection.h"
#include "tools/load/failure.h"

namespace natstwin::load {
namespace {

constexpr int exit_violated = 1;
constexpr int exit_failed = 2;

struct Command {
  std::string_view name;
  std::string_view help;
  Report (*run)(Options&);
};

constexpr Command commands[] = {
    {"publish", "one connection floods, nobody listens: [--payload 16]", &run_publish},
    {"pair", "one floods, all subscribers get everything: [--subscribers 1] [--payload 16] [--tls yes]",
     &run_pair},
    {"request", "one asks, one answers: [--in-flight 64] [--payload 16]", &run_request},
    {"latency", "open loop at a fixed rate: --pattern pair|fanout|request [--rate 20000] [--payload 16]",
     &run_latency},
    {"idle", "memory per connection that sits idle: [--connections 5000] [--tls yes]", &run_idle},
    {"handshakes", "TLS clients that come and go, one after the other: [--count 1000]", &run_handshakes},
    {"subscriptions", "memory per subscription: [--subscriptions 200000] [--connections 10]",
     &run_subscriptions},
    {"monitor",
     "CPU per answer of the monitoring port: --monitor-port PORT [--path /connz] [--connections 10000] "
     "[--requests 20] [--rate 2000]",
     &run_monitor},
    {"start", "starts the server itself: [--hold 2] --port PORT -- BINARY [ARGUMENT...]", &run_start},
};

int usage(std::FILE* out) {
  fmt::print(out,
             "natstwin-load COMMAND --port PORT --pid SERVER_PID [--warmup SECONDS] [--seconds SECONDS] "
             "[OPTION...]\n"
             "Loads the NATS server on 127.0.0.1:PORT and prints its figures as one line of JSON.\n\n");
  for (const Command& command : commands) fmt::print(out, "  {:14} {}\n", command.name, command.help);
  fmt::print(out, "  {:14} {}\n", "soak",
             "checks that nothing is lost, repeated, reordered or changed: --port PORT [--seconds 10]\n"
             "                 [--publishers 4] [--connections 20] [--subscriptions 200] [--churn 10] "
             "[--payload-max 4096]\n"
             "                 [--rate 0] [--seed 1]");
  fmt::print(out, "\nExit codes: 0 done, 1 the soak found violations, 2 it could not be done.\n");
  return out == stdout ? 0 : exit_failed;
}

int run(const std::vector<std::string>& words) {
  if (words.empty()) return usage(stderr);
  if (words[0] == "--help" || words[0] == "-h") return usage(stdout);
  Options options = Options::parse({words.begin() + 1, words.end()});
  raise_descriptor_limit();
  if (words[0] == "soak") {
    std::uint64_t violations = 0;
    fmt::print("{}\n", run_soak(options, violations).to_json());
    return violations == 0 ? 0 : exit_violated;
  }
  for (const Command& command : commands) {
    if (command.name != words[0]) continue;
    fmt::print("{}\n", command.run(options).to_json());
    return 0;
  }
  fmt::print(stderr, "natstwin-load: unknown command {}\n", words[0]);
  return usage(stderr);
}

}  // namespace
}  // namespace natstwin::load

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return natstwin::load::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "natstwin-load: {}\n", error.what());
    return natstwin::load::exit_failed;
  }
}
