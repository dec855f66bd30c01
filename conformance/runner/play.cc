#include "conformance/runner/play.h"

#include <fmt/core.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "conformance/runner/run.h"

namespace natstwin::runner {
namespace {

constexpr int attempts_max = 3;
constexpr int version_timeout_ms = 10000;

std::string now_text() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec);
}

// Keeps one core half busy, so that not every recording sees an idle machine.
class Load {
 public:
  explicit Load(bool wanted) {
    if (!wanted) return;
    thread_ = std::jthread([](const std::stop_token& stop) {
      using namespace std::chrono_literals;
      while (!stop.stop_requested()) {
        const auto until = std::chrono::steady_clock::now() + 3ms;
        while (std::chrono::steady_clock::now() < until) {
        }
        std::this_thread::sleep_for(3ms);
      }
    });
  }

 private:
  std::jthread thread_;
};

std::string log_levels(const script::Script& script, agent::Agent& agent) {
  bool debug = false;
  bool traced = false;
  for (const script::ServerDecl& decl : script.servers) {
    const Server server(decl, agent, "");
    debug = debug || server.logs_debug();
    traced = traced || server.logs_trace();
  }
  return std::string(debug ? "DBG" : "") + (debug && traced ? " " : "") + (traced ? "TRC" : "");
}

// Does it run to its end with code 0?
std::expected<bool, std::string> succeeds(agent::Agent& agent, std::string program,
                                          std::vector<std::string> arguments) {
  agent::ProcessSpec spec;
  spec.program = std::move(program);
  spec.arguments = std::move(arguments);
  const auto process = agent.start(spec);
  if (!process) return false;
  const auto exit = agent.wait(process->id, version_timeout_ms);
  if (!exit) return std::unexpected(exit.error());
  return *exit && (*exit)->code == 0;
}

std::expected<bool, std::string> has_need(const std::string& need, agent::Agent& agent) {
  constexpr std::string_view module = "python:";
  if (need == "pid-namespace")
    return succeeds(agent, "unshare",
                    {"--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "true"});
  if (need.starts_with(module))
    return succeeds(agent, "python3", {"-c", "import " + need.substr(module.size())});
  return agent.has_program(need);
}

// Programs, Python modules and rights that the scenario needs; the first missing one.
std::expected<std::string, std::string> missing_need(const script::Script& script, agent::Agent& agent) {
  for (const std::string& need : script.needs) {
    const auto found = has_need(need, agent);
    if (!found) return std::unexpected(found.error());
    if (!*found) return need;
  }
  return std::string();
}

void write_head(trace::Trace& trace, const script::Script& script, const PlayOptions& options,
                const Played& played, const std::string& started, const std::string& levels) {
  trace.scenario = script.name;
  trace.script_hash = script.hash;
  trace.server = options.version;
  trace.meta.emplace_back("outcome", name_of(played.outcome));
  if (!played.reason.empty()) trace.meta.emplace_back("outcome.reason", played.reason);
  trace.meta.emplace_back("seed", std::to_string(options.seed));
  trace.meta.emplace_back("load", options.load ? "busy" : "none");
  trace.meta.emplace_back("started", started);
  trace.meta.emplace_back("finished", now_text());
  if (!levels.empty()) trace.meta.emplace_back("log.levels", levels);
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::completed:
      return "completed";
    case Outcome::crash:
      return "crash";
    case Outcome::timeout:
      return "timeout";
    case Outcome::unsupported:
      return "unsupported";
    case Outcome::not_run:
      return "not-run";
  }
  return "?";
}

std::expected<Played, std::string> play(const script::Script& script, const PlayOptions& options,
                                        agent::Agent& agent) {
  const std::string started = now_text();
  const std::string levels = log_levels(script, agent);
  const auto missing = missing_need(script, agent);
  if (!missing) return std::unexpected(missing.error());
  Played played;
  if (!missing->empty()) {
    played.outcome = Outcome::not_run;
    played.reason = "needs " + *missing;
    write_head(played.trace, script, options, played, started, levels);
    return played;
  }
  const Load load(options.load);
  std::string label = script.name;
  std::ranges::replace(label, '/', '-');
  for (int attempt = 1;; ++attempt) {
    PlayOptions attempt_options = options;
    attempt_options.seed = options.seed + static_cast<std::uint64_t>(attempt - 1) * 7919;
    const auto directory = agent.make_directory(label);
    if (!directory) return std::unexpected(directory.error());
    bool again = false;
    std::expected<Played, std::string> result;
    {
      Run run(script, attempt_options, agent, *directory);
      result = run.execute();
      again = run.met_taken_port() && attempt < attempts_max;
    }
    if (result && options.keep_directory && !again)
      result->directory = *directory;
    else if (auto removed = agent.remove_directory(*directory); !removed)
      return std::unexpected(removed.error());
    if (again) continue;
    if (result) write_head(result->trace, script, options, *result, started, levels);
    return result;
  }
}

std::expected<std::string, std::string> version_of(const std::string& binary, agent::Agent& agent) {
  const auto directory = agent.make_directory("version");
  if (!directory) return std::unexpected(directory.error());
  const agent::ProcessSpec spec{binary,     {"--version"},       {},
                                *directory, *directory + "/out", *directory + "/err"};
  const auto process = agent.start(spec);
  std::expected<std::string, std::string> version =
      std::unexpected(process ? "no answer to --version" : process.error());
  if (process) {
    const auto exit = agent.wait(process->id, version_timeout_ms);
    const auto out = agent.read_file(*directory + "/out", 0);
    if (exit && *exit && out && !out->empty()) version = out->substr(0, out->find('\n'));
    if (exit && !*exit) (void)agent.signal(process->id, SIGKILL);
  }
  if (auto removed = agent.remove_directory(*directory); !removed) return std::unexpected(removed.error());
  return version;
}

}  // namespace natstwin::runner
