#include "server/app/program.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "server/app/send_signal.h"

namespace nats::app {
namespace {

// The words of Go's os.Signal, which the log shows.
std::string_view name_of(sys::Signal signal) {
  switch (signal) {
    case sys::Signal::interrupt:
      return "interrupt";
    case sys::Signal::terminate:
      return "terminated";
    case sys::Signal::hangup:
      return "hangup";
    case sys::Signal::user1:
      return "user defined signal 1";
    case sys::Signal::user2:
      return "user defined signal 2";
    case sys::Signal::kill:
      break;
  }
  return "";
}

LogSettings log_settings(const config::Options& options) {
  return {options.logtime,     options.logtime_utc, options.log_file,     options.log_size_limit,
          options.log_max_num, options.syslog,      options.remote_syslog};
}

}  // namespace

Program::Program(sys::Ground& ground, std::vector<std::string> arguments)
    : ground_(ground), arguments_(std::move(arguments)) {}

Program::~Program() = default;

bool Program::leave(int exit_code) {
  exit_code_ = exit_code;
  return false;
}

bool Program::start(std::function<void()> stop) {
  stop_ = std::move(stop);
  auto environment = [this](std::string_view name) { return ground_.process().environment(name); };
  plan_ = config::plan_start(arguments_, ground_.files(), environment, ground_.tls());
  if (!plan_.output_text.empty()) ground_.console().write_out(plan_.output_text);
  if (!plan_.error_text.empty()) ground_.console().write_error(plan_.error_text);
  if (plan_.action == config::StartPlan::Action::exit) return leave(plan_.exit_code);
  if (plan_.action == config::StartPlan::Action::send_signal) {
    Result<void> sent = send_signal(ground_.process(), plan_.signal);
    if (sent) return leave(0);
    ground_.console().write_error(fmt::format("nats-server: {}\n", sent.error().detail));
    return leave(1);
  }
  if (refuse_unbuilt()) return leave(exit_code_unsupported);

  const config::Options& options = plan_.options;
  Result<std::unique_ptr<LogWriter>> log = LogWriter::open(ground_, log_settings(options));
  if (!log) {
    ground_.console().write_error(LogWriter::open_failure_line(ground_, log.error()));
    return leave(1);
  }
  log_ = std::move(*log);
  log_->set_levels(options.debug, options.trace);
  server_ = std::make_unique<Server>(ground_, *log_, std::make_shared<const config::Options>(options),
                                     command_line());
  reload_ = std::make_unique<Reload>(ground_, *server_, plan_.flags,
                                     [this](const config::Options& next) { return configure_log(next); });
  ground_.loop(0).post([this] { prepare_server(); });
  return true;
}

// Whoever may look at it sees no secrets.
std::vector<std::string> Program::command_line() const {
  std::vector<std::string> words = config::redact_arguments(arguments_);
  words.insert(words.begin(), ground_.process().invocation_name());
  return words;
}

// Loudly: a server that would behave differently from what its configuration says does not start.
bool Program::refuse_unbuilt() {
  std::string text;
  for (const config::Unbuilt& unbuilt : plan_.options.unbuilt) {
    const config::Position& at = unbuilt.position;
    std::string where = at.line > 0 ? fmt::format("{}:{}:{}: ", at.file, at.line, at.column) : "";
    text += fmt::format("nats-server: {}not built yet: {}\n", where, unbuilt.path);
  }
  if (text.empty()) return false;
  ground_.console().write_error(text);
  return true;
}

void Program::prepare_server() {
  server_->set_on_ending([this] {
    if (!ending_) begin_shutdown();
  });
  server_->prepare([this](Result<void> prepared) {
    if (prepared) return start_server();
    ground_.console().write_error(fmt::format("nats-server: {}\n", prepared.error().detail));
    exit_code_ = 1;
    stop_();
  });
}

void Program::start_server() {
  ground_.handle_signals(*this);
  Result<void> started = server_->start();
  if (started) return;
  log_->fatal("{}", started.error().detail);
  exit_code_ = 1;
  stop_();
}

void Program::on_signal(sys::Signal signal) {
  if (ending_) return;
  // The reference hears of it when it is through with the reload that runs; several are one by then.
  if (signal == sys::Signal::hangup && reload_->running()) {
    hangup_waits_ = true;
    return;
  }
  log_->info("Trapped \"{}\" signal", name_of(signal));
  switch (signal) {
    case sys::Signal::interrupt:
      begin_shutdown();
      return;
    case sys::Signal::terminate:
      // A lame duck takes its time.
      if (!server_->in_lame_duck_mode()) begin_shutdown();
      return;
    case sys::Signal::user1:
      if (Result<void> reopened = log_->reopen(); !reopened) die_of_log(reopened.error());
      return;
    case sys::Signal::hangup:
      begin_reload();
      return;
    case sys::Signal::user2:
      server_->enter_lame_duck_mode([this] { stop_(); });
      return;
    case sys::Signal::kill:  // nobody lives to hear it
      return;
  }
}

void Program::begin_reload() {
  reload_->request([this](Result<void> outcome) {
    if (!outcome) log_->error("Failed to reload server configuration: {}", outcome.error().detail);
    if (std::exchange(hangup_waits_, false)) on_signal(sys::Signal::hangup);
  });
}

bool Program::configure_log(const config::Options& options) {
  if (Result<void> configured = log_->reconfigure(log_settings(options)); !configured) {
    die_of_log(configured.error());
    return false;
  }
  log_->set_levels(options.debug, options.trace);
  return true;
}

void Program::die_of_log(const Error& error) {
  ground_.console().write_error(LogWriter::open_failure_line(ground_, error));
  exit_code_ = 1;
  stop_();
}

void Program::begin_shutdown() {
  ending_ = true;
  server_->shutdown([this] { stop_(); });
}

}  // namespace nats::app
