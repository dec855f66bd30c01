// The command line: flags as Go's flag package reads them, and what the program is to do.
//
// plan_start() reads arguments and configuration file, and says either what to print and with which
// code to exit, or with which Options to run. It touches neither the console nor the process.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/config/options.h"
#include "server/config/options_loader.h"

namespace nats::config {

// The flags that were given, in order, by the names used ("p", "port").
struct Flag {
  std::string name;
  std::string value;
};
struct Flags {
  std::vector<Flag> given;

  // The last value of a flag by exactly this name; null: it was not given.
  const std::string* find(std::string_view name) const;
};

// "--signal command=process".
struct SignalRequest {
  std::string command;
  std::string process;  // a pid, a pattern, or empty: the only server that runs
};

struct StartPlan {
  enum class Action : std::uint8_t {
    run,          // with `options`; print `error_text` (warnings) first
    exit,         // print `output_text` and `error_text`, exit with `exit_code`
    send_signal,  // as `signal` says, then exit with 0
  };

  Action action = Action::exit;
  std::string output_text;
  std::string error_text;
  int exit_code = 0;
  Options options;
  Flags flags;  // keep them: a reload applies them over the file again
  SignalRequest signal;
};

// `arguments` without the program's name. Certificates are looked into with `tls`.
StartPlan plan_start(std::span<const std::string> arguments, sys::Files& files,
                     const Environment& environment, sys::Tls* tls = nullptr);

// The arguments as the process may show them: secrets are replaced.
std::vector<std::string> redact_arguments(std::span<const std::string> arguments);

// Reads the configuration file again, with the flags over it, as `current` was made. The error's
// detail is what the log shows.
Result<Options> options_for_reload(const Options& current, const Flags& flags, sys::Files& files,
                                   const Environment& environment, sys::Tls* tls = nullptr);

std::string_view usage_text();
std::string_view tls_help_text();
std::string_view version_text();

}  // namespace nats::config
