#include "server/config/command_line.h"

#include <fmt/core.h>

#include "server/config/flags.h"
#include "server/config/text.h"
#include "server/config/url.h"
#include "server/gojson/go_quote.h"
#include "server/sys/files.h"

namespace nats::config {
namespace {

constexpr std::string_view program = "nats-server";

StartPlan print(std::string_view text) {
  StartPlan plan;
  plan.output_text = text;
  return plan;
}

StartPlan refuse(std::string_view reason) {
  StartPlan plan;
  plan.error_text = fmt::format("{}: {}\n", program, reason);
  plan.exit_code = 1;
  return plan;
}

// The last value of either spelling.
std::string last_of(const Flags& flags, std::string_view name, std::string_view other) {
  std::string value;
  for (const Flag& flag : flags.given) {
    if (flag.name == name || flag.name == other) value = flag.value;
  }
  return value;
}

bool last_is_set(const Flags& flags, std::string_view name, std::string_view other) {
  return text::parse_bool(last_of(flags, name, other)).value_or(false);
}

// "reload=pid", where pid may be a file that holds it.
StartPlan plan_signal(const std::string& text, sys::Files& files) {
  std::vector<std::string_view> parts = text::split(text, '=');
  if (parts.size() > 2) {
    std::string rest;
    for (std::size_t i = 2; i < parts.size(); ++i) rest += (i > 2 ? " " : "") + std::string(parts[i]);
    return refuse(fmt::format("invalid signal parameters: [{}]", rest));
  }
  StartPlan plan;
  plan.action = StartPlan::Action::send_signal;
  plan.signal.command = parts[0];
  if (parts.size() == 2) {
    Result<std::string> content = sys::read_file(files, parts[1]);
    plan.signal.process = content ? *content : std::string(parts[1]);
  }
  return plan;
}

// "version", "help", or what nobody knows.
StartPlan plan_command(const std::string& word) {
  std::string command = text::lower(word);
  if (command == "version") return print(version_text());
  if (command == "help") return print(usage_text());
  return refuse("unrecognized command: " + gojson::go_quote(word));
}

// Bools whose being given matters to a reload: the flag, and the settings it decides.
struct ExplicitFlag {
  std::string_view flag;
  std::string_view setting;
};
constexpr ExplicitFlag explicit_flags[] = {
    {"D", "Debug"},   {"DV", "Debug"},         {"DV", "Trace"},    {"DVV", "Debug"},
    {"DVV", "Trace"}, {"DVV", "TraceVerbose"}, {"T", "Logtime"},   {"V", "Trace"},
    {"VV", "Trace"},  {"VV", "TraceVerbose"},  {"debug", "Debug"}, {"logtime", "Logtime"},
    {"s", "Syslog"},  {"syslog", "Syslog"},    {"trace", "Trace"},
};

void note_explicit_flags(const Flags& flags, Options& options) {
  for (const ExplicitFlag& row : explicit_flags) {
    if (!flags.find(row.flag)) continue;
    options.explicit_bools.on_command_line[std::string(row.setting)] = is_set(flags, row.flag);
  }
}

// The file, if one is named. Nothing: `plan` says what happens instead.
bool load_configuration(const std::string& path, bool check_only, sys::Files& files,
                        const Environment& environment, sys::Tls* tls, StartPlan& plan) {
  LoadOutcome outcome = load_file(path, files, environment, plan.options, tls);
  if (outcome.failed || (check_only && outcome.has_warnings)) {
    plan = refuse(outcome.text);
    return false;
  }
  if (check_only) {
    plan.error_text =
        fmt::format("{}: configuration file {} is valid ({})\n", program, path, plan.options.config_digest);
    return false;
  }
  plan.error_text = outcome.text;
  return true;
}

StartPlan plan_run(Flags flags, sys::Files& files, const Environment& environment, sys::Tls* tls) {
  StartPlan plan;
  plan.options = blank_options();
  plan.options.logtime = true;
  // Before the file, whose rules may depend on them, and again over it.
  apply_flags(flags, plan.options);
  std::string path = last_of(flags, "c", "config");
  bool check_only = is_set(flags, "t");
  if (!path.empty()) {
    if (!load_configuration(path, check_only, files, environment, tls, plan)) return plan;
    apply_flags(flags, plan.options);
  } else if (check_only) {
    return refuse("must specify [-c, --config] option to check configuration file syntax");
  }
  auto fail_after_warnings = [&](const std::string& reason) {
    StartPlan refused = refuse(reason);
    refused.error_text.insert(0, plan.error_text);
    return refused;
  };
  if (Result<void> applied = apply_combined_flags(flags, files, tls, plan.options); !applied) {
    return fail_after_warnings(applied.error().detail);
  }
  note_explicit_flags(flags, plan.options);
  apply_defaults(plan.options);
  if (Result<void> valid = validate(plan.options); !valid) return fail_after_warnings(valid.error().detail);
  if (Result<void> found = resolve_system_account(plan.options); !found)
    return fail_after_warnings(found.error().detail);
  plan.action = StartPlan::Action::run;
  plan.flags = std::move(flags);
  return plan;
}

bool* explicit_bool(Options& options, std::string_view name) {
  if (name == "Debug") return &options.debug;
  if (name == "Trace") return &options.trace;
  if (name == "TraceVerbose") return &options.trace_verbose;
  if (name == "TraceHeaders") return &options.trace_headers;
  if (name == "Logtime") return &options.logtime;
  if (name == "LogtimeUTC") return &options.logtime_utc;
  if (name == "Syslog") return &options.syslog;
  return nullptr;
}

// The flags that a reload lays over the file: fewer than at the start, and only values that are not
// zero. That is the reference's rule, odd as it is: a server's name from a flag is lost.
void merge_flags(const Flags& flags, Options& options) {
  Options given = blank_options();
  given.logtime = true;
  apply_flags(flags, given);
  auto merge = [](auto& to, const auto& from) {
    if (from != std::decay_t<decltype(from)>{}) to = from;
  };
  merge(options.port, given.port);
  merge(options.host, given.host);
  merge(options.client_advertise, given.client_advertise);
  merge(options.authorization.user, given.authorization.user);
  merge(options.authorization.password, given.authorization.password);
  merge(options.authorization.token, given.authorization.token);
  merge(options.http_port, given.http_port);
  merge(options.debug, given.debug);
  merge(options.trace, given.trace);
  merge(options.logtime, given.logtime);
  merge(options.log_file, given.log_file);
  merge(options.pid_file, given.pid_file);
  merge(options.ports_file_dir, given.ports_file_dir);
  merge(options.prof_port, given.prof_port);
  merge(options.store_dir, given.store_dir);
  note_explicit_flags(flags, options);
  for (const auto* values : {&options.explicit_bools.in_config, &options.explicit_bools.on_command_line}) {
    for (const auto& [name, value] : *values) {
      if (bool* setting = explicit_bool(options, name)) *setting = value;
    }
  }
}

}  // namespace

StartPlan plan_start(std::span<const std::string> arguments, sys::Files& files,
                     const Environment& environment, sys::Tls* tls) {
  ParsedArguments parsed = parse_arguments(arguments);
  if (!parsed.error.empty()) {
    StartPlan plan = print(usage_text());
    plan.error_text = parsed.error + "\n";
    return plan;
  }
  const Flags& flags = parsed.flags;
  if (last_is_set(flags, "v", "version")) return print(version_text());
  if (last_is_set(flags, "h", "help")) return print(usage_text());
  if (is_set(flags, "help_tls")) return print(tls_help_text());
  if (!parsed.rest.empty()) return plan_command(parsed.rest.front());
  if (std::string signal = last_of(flags, "sl", "signal"); !signal.empty()) return plan_signal(signal, files);
  return plan_run(std::move(parsed.flags), files, environment, tls);
}

Result<Options> options_for_reload(const Options& current, const Flags& flags, sys::Files& files,
                                   const Environment& environment, sys::Tls* tls) {
  if (current.config_file.empty()) {
    return fail(ErrorCode::invalid_argument,
                "can only reload config when a file is provided using -c or --config");
  }
  Options options = blank_options();
  LoadOutcome outcome = load_file(current.config_file, files, environment, options, tls);
  if (outcome.failed) return fail(ErrorCode::invalid_argument, outcome.text);
  merge_flags(flags, options);
  NATS_TRY_VOID(apply_combined_flags(flags, files, tls, options));
  apply_defaults(options);
  // A port that the system chose stays.
  if (options.port == 0) options.port = current.port;
  NATS_TRY_VOID(validate(options));
  return options;
}

namespace {

// Whether an argument is one of `names`, with or without a value behind "=".
bool is_flag(std::string_view argument, std::initializer_list<std::string_view> names) {
  if (argument.starts_with("--")) {
    argument.remove_prefix(2);
  } else if (argument.starts_with('-')) {
    argument.remove_prefix(1);
  } else {
    return false;
  }
  argument = argument.substr(0, argument.find('='));
  for (std::string_view name : names) {
    if (argument == name) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> redact_arguments(std::span<const std::string> arguments) {
  std::vector<std::string> out(arguments.begin(), arguments.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::string (*redact)(std::string_view) = nullptr;
    if (is_flag(out[i], {"user", "pass", "auth"})) {
      redact = [](std::string_view) { return std::string("[REDACTED]"); };
    } else if (is_flag(out[i], {"routes"})) {
      redact = redact_url_list;
    } else if (is_flag(out[i], {"cluster", "cluster_listen"})) {
      redact = redact_url;
    }
    if (!redact) continue;
    if (std::size_t equals = out[i].find('='); equals != std::string::npos) {
      out[i] = out[i].substr(0, equals + 1) + redact(std::string_view(out[i]).substr(equals + 1));
    } else if (i + 1 < out.size()) {
      out[i + 1] = redact(out[i + 1]);
    }
  }
  return out;
}

}  // namespace nats::config
