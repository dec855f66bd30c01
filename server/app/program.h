// The program round the server: command line, log, signals, exit code. It knows its ground only by the
// interface; the caller runs the loops.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/app/log_writer.h"
#include "server/app/reload.h"
#include "server/app/server.h"
#include "server/config/command_line.h"
#include "server/sys/ground.h"

namespace nats::app {

// A configuration needs what is not built yet.
constexpr int exit_code_unsupported = 89;

class Program final : private sys::SignalHandler {
 public:
  // `arguments` without the program's name.
  Program(sys::Ground& ground, std::vector<std::string> arguments);
  ~Program() override;

  // False: there is nothing to run, exit with exit_code(). Otherwise the loops are to be run until
  // `stop` is called.
  bool start(std::function<void()> stop);
  int exit_code() const { return exit_code_; }

  Server& server() { return *server_; }

 private:
  void on_signal(sys::Signal signal) override;

  bool leave(int exit_code);
  std::vector<std::string> command_line() const;
  bool refuse_unbuilt();
  void prepare_server();
  void start_server();
  void begin_reload();
  bool configure_log(const config::Options& options);
  void die_of_log(const Error& error);
  void begin_shutdown();

  sys::Ground& ground_;
  std::vector<std::string> arguments_;
  config::StartPlan plan_;
  std::unique_ptr<LogWriter> log_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Reload> reload_;
  std::function<void()> stop_;
  bool hangup_waits_ = false;
  bool ending_ = false;  // a signal has ended the server: it hears no other, like the reference
  int exit_code_ = 0;
};

}  // namespace nats::app
