#include "conformance/cli/live_session.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>

namespace natstwin::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int ready_timeout_ms = 10000;
constexpr auto settle = std::chrono::milliseconds(300);

sigset_t end_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

std::expected<agent::Process, std::string> start_tool(agent::Agent& agent, std::vector<std::string> command,
                                                      const std::string& url) {
  constexpr std::string_view placeholder = "{url}";
  for (std::string& word : command) {
    for (auto at = word.find(placeholder); at != std::string::npos;
         at = word.find(placeholder, at + url.size())) {
      word.replace(at, placeholder.size(), url);
    }
  }
  agent::ProcessSpec spec;
  spec.program = command.front();
  spec.arguments.assign(command.begin() + 1, command.end());
  spec.environment = {{"NATS_URL", url}};
  spec.directory = std::filesystem::current_path().string();
  spec.stdout_path = agent::own_output;
  spec.stderr_path = agent::own_output;
  return agent.start(spec);
}

}  // namespace

OwnServer::~OwnServer() {
  if (process_) {
    (void)agent_.signal(process_->id, SIGTERM);
    (void)agent_.wait(process_->id, ready_timeout_ms);
  }
  if (port_ != 0) agent_.release_port(port_);
  if (!directory_.empty()) (void)agent_.remove_directory(directory_);
}

std::expected<Address, std::string> OwnServer::start(const std::string& binary, const std::string& config) {
  const auto directory = agent_.make_directory("session");
  if (!directory) return std::unexpected(directory.error());
  directory_ = *directory;
  const auto port = agent_.reserve_port(std::random_device()());
  if (!port) return std::unexpected(port.error());
  port_ = *port;
  agent::ProcessSpec spec;
  spec.program = binary;
  spec.arguments = {"-a", "127.0.0.1", "-p", std::to_string(port_)};
  spec.directory = directory_;
  spec.stdout_path = directory_ + "/out";
  spec.stderr_path = directory_ + "/err";
  if (!config.empty()) {
    if (auto written = agent_.write_file(directory_ + "/config.conf", config); !written) {
      return std::unexpected(written.error());
    }
    spec.arguments.insert(spec.arguments.end(), {"-c", "config.conf"});
  }
  const auto process = agent_.start(spec);
  if (!process) return std::unexpected(process.error());
  process_ = *process;
  for (int waited = 0; waited < ready_timeout_ms; waited += 10) {
    const auto log = agent_.read_file(directory_ + "/err", 0);
    if (log && log->find("Server is ready") != std::string::npos) return Address{agent_.host(), port_};
    const auto exit = agent_.wait(process->id, 10);
    if (exit && *exit) return std::unexpected("the server ended: " + (log ? *log : log.error()));
  }
  return std::unexpected("the server did not get ready");
}

EndSignals::EndSignals() {
  const sigset_t set = end_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool EndSignals::came() {
  const sigset_t set = end_signals();
  const timespec now{};
  return sigtimedwait(&set, nullptr, &now) > 0;
}

std::expected<void, std::string> serve_session(
    agent::Agent& agent, const std::vector<std::string>& command, const std::string& url, EndSignals& signals,
    const std::function<void(const std::function<bool()>& over)>& serve) {
  if (command.empty()) {
    std::fprintf(stderr, "end with Ctrl-C\n");
    serve([&] { return signals.came(); });
    return {};
  }
  const auto tool = start_tool(agent, command, url);
  if (!tool) return std::unexpected(tool.error());
  std::optional<Clock::time_point> ended;
  std::string failure;
  serve([&] {
    if (ended) return Clock::now() - *ended > settle;
    const auto exit = agent.wait(tool->id, 0);
    if (!exit)
      failure = exit.error();
    else if (*exit)
      ended = Clock::now();
    if (exit && *exit && (*exit)->code != 0) {
      std::fprintf(stderr, "the tool ended with exit code %d\n", (*exit)->code);
    }
    return signals.came() || !failure.empty();
  });
  if (!failure.empty()) return std::unexpected(failure);
  return {};
}

}  // namespace natstwin::cli
