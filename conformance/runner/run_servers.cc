// Starting, steering and ending servers.
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "conformance/runner/batch.h"
#include "conformance/runner/log_line.h"
#include "conformance/runner/run.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {

using script::Statement;
using trace::Direction;

namespace {

constexpr int ready_timeout_ms = 15000;
// The reference makes one more internal client just after it says that it is ready; who connects sooner
// takes its number about once in a hundred starts.
constexpr auto settling_time = std::chrono::milliseconds(20);
constexpr int listening_grace_ms = 400;  // a port that listens this long without a word in the log is ready
constexpr int exit_timeout_ms = 10000;
constexpr int exec_timeout_ms = 15000;
constexpr int exit_unsupported = 89;
constexpr std::string_view taken_port_text = "address already in use";

struct SignalName {
  std::string_view name;
  int number;
};
constexpr std::array signals{SignalName{"HUP", SIGHUP},   SignalName{"TERM", SIGTERM},
                             SignalName{"INT", SIGINT},   SignalName{"QUIT", SIGQUIT},
                             SignalName{"USR1", SIGUSR1}, SignalName{"USR2", SIGUSR2},
                             SignalName{"KILL", SIGKILL}};

int signal_number(std::string_view name) {
  return std::ranges::find(signals, name, &SignalName::name)->number;
}

void short_pause() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

}  // namespace

Flow Run::start_server(const Statement& statement) {
  Server& actor = server(statement.actor);
  if (actor.is_running()) {
    record(actor.name(), Direction::lifecycle, "RUNNING", {});  // it was to have ended by itself
    return std::unexpected(Stop{Outcome::timeout, "server " + actor.name() + " still runs", false});
  }
  return launch(actor);
}

Flow Run::launch(Server& actor) {
  record(actor.name(), Direction::lifecycle, "START", {});
  if (auto launched = actor.launch(options_.binary, lookup()); !launched)
    return own_failure(launched.error());
  return await_ready(actor);
}

// Ready is what the log says; a server that logs elsewhere is ready when its port listens.
Flow Run::await_ready(Server& actor) {
  const Milliseconds start = now_ms();
  std::optional<Milliseconds> listening_since;
  while (now_ms() - start < ready_timeout_ms && !is_interrupted()) {
    actor.read_log();
    if (actor.find_log(actor.log_start(), "Server is ready")) {
      std::this_thread::sleep_for(settling_time);
      record(actor.name(), Direction::lifecycle, "READY", {});
      return {};
    }
    const auto exit = actor.wait_exit(0);
    if (!exit) return own_failure(exit.error());
    if (*exit) return note_exit(actor, **exit);
    const auto listening = agent_.is_listening(actor.port());
    if (listening && *listening) {
      if (!listening_since) listening_since = now_ms();
      if (now_ms() - *listening_since > listening_grace_ms) {
        record(actor.name(), Direction::lifecycle, "READY", {{"log", "\"silent\""}});
        return {};
      }
    }
    short_pause();
  }
  return timed_out(actor.name(), "ready");
}

Flow Run::note_exit(Server& actor, const agent::ExitStatus& exit) {
  actor.read_log();
  std::vector<trace::Leaf> leaves;
  if (exit.signal != 0)
    leaves.push_back({"signal", std::to_string(exit.signal)});
  else
    leaves.push_back({"code", std::to_string(exit.code)});
  record(actor.name(), Direction::lifecycle, "EXIT", std::move(leaves));
  met_taken_port_ = met_taken_port_ || actor.find_log(actor.log_start(), taken_port_text).has_value();
  if (exit.code == exit_unsupported) {
    const std::string last = actor.log().empty() ? "exit code 89" : actor.log().back();
    return std::unexpected(Stop{Outcome::unsupported, last, false});
  }
  constexpr std::array deadly{SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGKILL};
  if (std::ranges::find(deadly, exit.signal) != deadly.end() && !actor.was_signalled(exit.signal)) {
    const std::string reason = fmt::format("server {} died by signal {}", actor.name(), exit.signal);
    record(actor.name(), Direction::lifecycle, "CRASH", {{"reason", trace::quote_bytes(reason)}});
    crash_ = {Outcome::crash, reason, false};
  }
  return {};
}

Flow Run::end_server(Server& actor, int signal, int timeout_ms) {
  if (!actor.is_running()) return {};
  if (auto sent = actor.signal(signal); !sent) return own_failure(sent.error());
  const Milliseconds deadline = now_ms() + timeout_ms;
  std::optional<agent::ExitStatus> exit;
  std::string failure;
  const auto ended = [&] {
    const auto status = actor.wait_exit(0);
    if (!status)
      failure = status.error();
    else
      exit = *status;
    return exit.has_value() || !failure.empty();
  };
  // Clients are read meanwhile: a server may want to tell them that it goes.
  pump(deadline, ended);
  if (!failure.empty()) return own_failure(failure);
  if (exit) return note_exit(actor, *exit);
  (void)actor.signal(SIGKILL);
  (void)actor.wait_exit(exit_timeout_ms);
  return timed_out(actor.name(), "exit");
}

Flow Run::stop_server(const Statement& statement) {
  record_statement(statement);
  return end_server(server(statement.actor), SIGTERM, exit_timeout_ms);
}

Flow Run::kill_server(const Statement& statement) {
  record_statement(statement);
  return end_server(server(statement.actor), SIGKILL, exit_timeout_ms);
}

Flow Run::restart_server(const Statement& statement) {
  record_statement(statement);
  Server& actor = server(statement.actor);
  if (Flow flow = end_server(actor, SIGTERM, exit_timeout_ms); !flow) return flow;
  return launch(actor);
}

Flow Run::signal_server(const Statement& statement) {
  record_statement(statement);
  Server& actor = server(statement.actor);
  if (!actor.is_running()) return gone(actor);
  actor.read_log();
  const auto sent = actor.signal(signal_number(statement.word));
  if (!sent) return own_failure(sent.error());
  return {};
}

Flow Run::await_log(Server& actor, std::size_t from, std::vector<std::string_view> texts,
                    std::size_t* found) {
  const auto appeared = [&] {
    actor.read_log();
    for (const auto text : texts) {
      const auto line = actor.find_log(from, text);
      if (!line) continue;
      if (found != nullptr) *found = *line;
      return true;
    }
    return false;
  };
  if (pump(deadline(), appeared)) return {};
  return timed_out(actor.name(), fmt::format("log line '{}'", texts.front()));
}

Flow Run::reload_server(const Statement& statement) {
  record_statement(statement);
  Server& actor = server(statement.actor);
  if (!actor.is_running()) return gone(actor);
  actor.read_log();
  const auto from = actor.log().size();
  if (auto sent = actor.signal(SIGHUP); !sent) return own_failure(sent.error());
  return await_log(actor, from, {"Reloaded server configuration", "Failed to reload server configuration"},
                   nullptr);
}

Flow Run::wait_log(const Statement& statement) {
  Server& actor = server(statement.actor);
  const auto text = script::expand(statement.pieces, lookup());
  if (!text) return unresolved(text.error());
  return await_log(actor, actor.log_cursor, {*text}, &actor.log_cursor);
}

Flow Run::wait_exit(const Statement& statement) {
  Server& actor = server(statement.actor);
  if (!actor.is_running()) return {};
  std::optional<agent::ExitStatus> exit;
  const auto ended = [&] {
    const auto status = actor.wait_exit(0);
    if (status) exit = *status;
    return exit.has_value();
  };
  if (!pump(deadline(), ended)) return timed_out(actor.name(), "exit");
  return note_exit(actor, *exit);
}

Flow Run::exec_server(const Statement& statement) {
  record_statement(statement);
  Server& actor = server(statement.actor);
  std::vector<std::string> arguments;
  for (const script::Template& word : statement.words) {
    auto text = script::expand(word, lookup());
    if (!text) return unresolved(text.error());
    arguments.push_back(std::move(*text));
  }
  const auto ran = actor.execute(options_.binary, arguments, lookup(), exec_timeout_ms);
  if (!ran) return own_failure(ran.error());
  std::vector<trace::Leaf> leaves;
  if (ran->exit && ran->exit->signal != 0)
    leaves.push_back({"signal", std::to_string(ran->exit->signal)});
  else if (ran->exit)
    leaves.push_back({"code", std::to_string(ran->exit->code)});
  append_output(ran->out, "stdout", leaves);
  append_output(ran->err, "stderr", leaves);
  record(statement.actor, Direction::lifecycle, "EXEC", std::move(leaves));
  if (!ran->exit) return timed_out(statement.actor, "the end of " + statement.source);
  if (ran->exit->code == exit_unsupported) {
    return std::unexpected(Stop{Outcome::unsupported, ran->err.substr(0, 300), false});
  }
  if (ran->exit->signal != 0)
    crash_ = {Outcome::crash, "the binary died by a signal: " + statement.source, false};
  return {};
}

}  // namespace natstwin::runner
