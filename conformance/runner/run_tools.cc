// Tools, proxies, variables and time.
#include <fmt/core.h>
#include <signal.h>

#include <thread>

#include "conformance/runner/log_line.h"
#include "conformance/runner/run.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {

using script::Statement;
using trace::Direction;

Flow Run::let_text(const Statement& statement) {
  const auto value = script::expand(statement.text, lookup());
  if (!value) return unresolved(value.error());
  variables_[statement.word] = *value;
  return {};
}

Flow Run::set_timeout(const Statement& statement) {
  timeout_ms_ = static_cast<int>(statement.number);
  return {};
}

Flow Run::wait(const Statement& statement) {
  pump_for(static_cast<int>(statement.number));
  return {};
}

Flow Run::write_tool_file(const Statement& statement) {
  const auto text = script::expand(statement.pieces, lookup());
  if (!text) return unresolved(text.error());
  if (auto written = agent_.write_file(directory_ + "/" + statement.word, *text); !written)
    return own_failure(written.error());
  return {};
}

std::expected<Run::Tool, std::string> Run::launch_tool(const Statement& statement) {
  std::vector<std::string> words;
  for (const script::Template& word : statement.words) {
    auto text = script::expand(word, lookup());
    if (!text) return std::unexpected(text.error());
    words.push_back(std::move(*text));
  }
  Tool tool;
  tool.output = fmt::format("{}/tool{}", directory_, ++tool_runs_);
  agent::ProcessSpec spec;
  spec.program = words.front();
  spec.arguments.assign(words.begin() + 1, words.end());
  // The tool's own settings must not come from whoever runs the harness.
  spec.environment = {{"HOME", directory_}, {"XDG_CONFIG_HOME", directory_}, {"NO_COLOR", "1"}};
  spec.directory = directory_;
  spec.stdout_path = tool.output + ".stdout";
  spec.stderr_path = tool.output + ".stderr";
  const auto process = agent_.start(spec);
  if (!process) return std::unexpected(process.error());
  tool.process = *process;
  return tool;
}

Flow Run::await_tool_exit(Tool& tool, int timeout_ms, std::optional<agent::ExitStatus>& exit) {
  std::string failure;
  const auto ended = [&] {
    const auto status = agent_.wait(tool.process.id, 0);
    if (!status)
      failure = status.error();
    else
      exit = *status;
    return exit.has_value() || !failure.empty();
  };
  pump(now_ms() + timeout_ms, ended);
  if (!failure.empty()) return own_failure(failure);
  return {};
}

Flow Run::end_tool(Tool& tool, const std::string& actor, int timeout_ms, int signal_first) {
  if (signal_first != 0) {
    if (auto sent = agent_.signal(tool.process.id, signal_first); !sent) return own_failure(sent.error());
  }
  std::optional<agent::ExitStatus> exit;
  if (Flow flow = await_tool_exit(tool, timeout_ms, exit); !flow) return flow;
  if (!exit) {
    (void)agent_.signal(tool.process.id, SIGKILL);
    (void)agent_.wait(tool.process.id, timeout_ms);
  }
  tool.ended = true;
  const auto out = agent_.read_file(tool.output + ".stdout", 0);
  const auto err = agent_.read_file(tool.output + ".stderr", 0);
  if (!out || !err) return own_failure("the output of " + actor + " cannot be read");
  std::vector<trace::Leaf> leaves;
  if (exit && exit->signal != 0)
    leaves.push_back({"signal", std::to_string(exit->signal)});
  else if (exit)
    leaves.push_back({"code", std::to_string(exit->code)});
  append_output(*out, "stdout", leaves);
  append_output(*err, "stderr", leaves);
  record(actor, Direction::lifecycle, "EXIT", std::move(leaves));
  return exit ? Flow{} : timed_out(actor, "its end");
}

Flow Run::run_tool(const Statement& statement) {
  record_statement(statement);
  auto tool = launch_tool(statement);
  if (!tool) return own_failure(tool.error());
  return end_tool(*tool, statement.actor, static_cast<int>(statement.number), 0);
}

Flow Run::start_tool(const Statement& statement) {
  record_statement(statement);
  auto tool = launch_tool(statement);
  if (!tool) return own_failure(tool.error());
  tools_.insert_or_assign(statement.actor, std::move(*tool));
  return {};
}

Flow Run::wait_tool(const Statement& statement) {
  return end_tool(tools_.at(statement.actor), statement.actor, static_cast<int>(statement.number), 0);
}

Flow Run::stop_tool(const Statement& statement) {
  record_statement(statement);
  return end_tool(tools_.at(statement.actor), statement.actor, static_cast<int>(statement.number), SIGINT);
}

Flow Run::open_proxy(const Statement& statement) {
  const auto port = server(statement.target.server).port_of(statement.target.port);
  if (!port) return own_failure("no port " + statement.target.port);
  const auto proxy = agent_.open_proxy(*port);
  if (!proxy) return own_failure(proxy.error());
  proxies_[statement.actor].proxy = *proxy;
  names_.add_number(proxy->port, "${" + statement.actor + ".port}");
  return {};
}

Flow Run::set_fault(const Statement& statement) {
  record_statement(statement);
  agent::Fault fault;
  if (statement.word == "block") fault.kind = agent::FaultKind::block;
  if (statement.word == "cut") fault.kind = agent::FaultKind::cut;
  if (statement.word == "delay") fault = {agent::FaultKind::delay, static_cast<int>(statement.number)};
  const auto set = agent_.set_fault(proxies_.at(statement.actor).proxy.id, fault);
  if (!set) return own_failure(set.error());
  return {};
}

Flow Run::open_responder(const Statement& statement) {
  record_statement(statement);
  const Server& known = server(statement.target.server);
  const auto port = known.port_of(statement.target.port);
  if (!port) return own_failure("no port " + statement.target.port);
  responders_.erase(statement.actor);
  auto opened = Responder::open(*port, statement.responder, known.certificates());
  if (!opened) return own_failure(opened.error());
  responders_.emplace(statement.actor, std::move(*opened));
  return {};
}

Flow Run::close_responder(const Statement& statement) {
  record_statement(statement);
  responders_.erase(statement.actor);
  return {};
}

Flow Run::set_answer(const Statement& statement) {
  record_statement(statement);
  const auto found = responders_.find(statement.actor);
  if (found == responders_.end()) return own_failure("responder " + statement.actor + " does not run");
  found->second->set_answer(statement.word, statement.frame);
  return {};
}

Flow Run::tell_asked(const Statement& statement) {
  const auto found = responders_.find(statement.actor);
  if (found == responders_.end()) return own_failure("responder " + statement.actor + " does not run");
  std::vector<trace::Leaf> leaves;
  for (const std::string& line : found->second->take_asked())
    leaves.push_back({fmt::format("asked[{}]", leaves.size()), trace::quote_bytes(line)});
  record(statement.actor, Direction::state, "ASKED", std::move(leaves));
  return {};
}

}  // namespace natstwin::runner
