#include "server/config/flags.h"

#include <fmt/core.h>

#include <algorithm>

#include "server/config/blocks.h"
#include "server/config/text.h"
#include "server/config/url.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

using gojson::go_quote;

enum class FlagType : std::uint8_t { boolean, integer, string };

using Apply = void (*)(Options& options, const std::string& value);

struct FlagRow {
  std::string_view name;
  FlagType type;
  // Null: plan_start and apply_combined_flags look at it themselves.
  Apply apply = nullptr;
};

std::int64_t number(const std::string& value) { return text::parse_int_literal(value).value_or(0); }
bool truth(const std::string& value) { return text::parse_bool(value).value_or(false); }

template <auto Member>
void string_to(Options& options, const std::string& value) {
  options.*Member = value;
}
template <auto Member>
void bool_to(Options& options, const std::string& value) {
  options.*Member = truth(value);
}
template <auto Member>
void int_to(Options& options, const std::string& value) {
  options.*Member = static_cast<std::remove_reference_t<decltype(options.*Member)>>(number(value));
}
template <auto Member>
void authorization_to(Options& options, const std::string& value) {
  options.authorization.*Member = value;
}

constexpr FlagType boolean = FlagType::boolean;
constexpr FlagType integer = FlagType::integer;
constexpr FlagType string = FlagType::string;

constexpr FlagRow rows[] = {
    {"h", boolean},
    {"help", boolean},
    {"port", integer, int_to<&Options::port>},
    {"p", integer, int_to<&Options::port>},
    {"n", string, string_to<&Options::server_name>},
    {"name", string, string_to<&Options::server_name>},
    {"server_name", string, string_to<&Options::server_name>},
    {"addr", string, string_to<&Options::host>},
    {"a", string, string_to<&Options::host>},
    {"net", string, string_to<&Options::host>},
    {"client_advertise", string, string_to<&Options::client_advertise>},
    {"D", boolean, bool_to<&Options::debug>},
    {"debug", boolean, bool_to<&Options::debug>},
    {"V", boolean, bool_to<&Options::trace>},
    {"VV", boolean},
    {"trace", boolean, bool_to<&Options::trace>},
    {"DV", boolean},
    {"DVV", boolean},
    {"T", boolean, bool_to<&Options::logtime>},
    {"logtime", boolean, bool_to<&Options::logtime>},
    {"logtime_utc", boolean, bool_to<&Options::logtime_utc>},
    {"user", string, authorization_to<&Authorization::user>},
    {"pass", string, authorization_to<&Authorization::password>},
    {"auth", string, authorization_to<&Authorization::token>},
    {"m", integer, int_to<&Options::http_port>},
    {"http_port", integer, int_to<&Options::http_port>},
    {"ms", integer, int_to<&Options::https_port>},
    {"https_port", integer, int_to<&Options::https_port>},
    {"c", string},
    {"config", string},
    {"t", boolean},
    {"sl", string},
    {"signal", string},
    {"P", string, string_to<&Options::pid_file>},
    {"pid", string, string_to<&Options::pid_file>},
    {"ports_file_dir", string, string_to<&Options::ports_file_dir>},
    {"l", string, string_to<&Options::log_file>},
    {"log", string, string_to<&Options::log_file>},
    {"log_size_limit", integer, int_to<&Options::log_size_limit>},
    {"s", boolean, bool_to<&Options::syslog>},
    {"syslog", boolean, bool_to<&Options::syslog>},
    {"r", string, string_to<&Options::remote_syslog>},
    {"remote_syslog", string, string_to<&Options::remote_syslog>},
    {"version", boolean},
    {"v", boolean},
    {"profile", integer, int_to<&Options::prof_port>},
    {"routes", string},
    {"cluster", string},
    {"cluster_listen", string},
    {"cluster_advertise", string},
    {"no_advertise", boolean},
    {"connect_retries", integer},
    {"cluster_name", string},
    {"help_tls", boolean},
    {"tls", boolean},
    {"tlsverify", boolean},
    {"tlscert", string},
    {"tlskey", string},
    {"tlscacert", string},
    {"max_traced_msg_len", integer, int_to<&Options::max_traced_msg_len>},
    {"js", boolean},
    {"jetstream", boolean},
    {"sd", string, string_to<&Options::store_dir>},
    {"store_dir", string, string_to<&Options::store_dir>},
};

const FlagRow* find_flag(std::string_view name) {
  auto row = std::ranges::find(rows, name, &FlagRow::name);
  return row == std::end(rows) ? nullptr : &*row;
}

// Empty: the value is one of the flag's type.
std::string value_problem(const FlagRow& row, const std::string& value) {
  if (row.type == FlagType::boolean && !text::parse_bool(value)) {
    return fmt::format("invalid boolean value {} for -{}: parse error", go_quote(value), row.name);
  }
  if (row.type != FlagType::integer) return {};
  Result<std::int64_t> parsed = text::parse_int_literal(value);
  if (parsed) return {};
  return fmt::format("invalid value {} for flag -{}: {}", go_quote(value), row.name, parsed.error().detail);
}

// One flag at `at`, which moves behind it. False: the flags end here, or `out.error` says why.
bool take_flag(std::span<const std::string> arguments, std::size_t& at, ParsedArguments& out) {
  const std::string& argument = arguments[at];
  if (argument.size() < 2 || argument.front() != '-') return false;
  if (argument == "--") {
    ++at;
    return false;
  }
  std::string_view name = std::string_view(argument).substr(argument[1] == '-' ? 2 : 1);
  if (name.front() == '-' || name.front() == '=') {
    out.error = "bad flag syntax: " + argument;
    return false;
  }
  ++at;
  std::optional<std::string> value;
  if (std::size_t equals = name.find('=', 1); equals != std::string_view::npos) {
    value = std::string(name.substr(equals + 1));
    name = name.substr(0, equals);
  }
  const FlagRow* row = find_flag(name);
  if (!row) {
    out.error = fmt::format("flag provided but not defined: -{}", name);
    return false;
  }
  if (!value && row->type == FlagType::boolean) value = "true";
  if (!value && at < arguments.size()) value = arguments[at++];
  if (!value) {
    out.error = fmt::format("flag needs an argument: -{}", name);
    return false;
  }
  out.error = value_problem(*row, *value);
  if (!out.error.empty()) return false;
  out.flags.given.push_back({std::string(name), std::move(*value)});
  return true;
}

// A feature that is not built is asked for by a flag, or turned off by one.
void ask_for(Options& options, std::string_view path, bool wanted) {
  if (wanted) {
    options.unbuilt.push_back({std::string(path), {}});
  } else {
    std::erase_if(options.unbuilt, [&](const Unbuilt& entry) { return entry.path == path; });
  }
}

bool asked_for(const Options& options, std::string_view path) {
  return std::ranges::find(options.unbuilt, path, &Unbuilt::path) != options.unbuilt.end();
}

Result<void> apply_cluster(const std::string& listen, Options& options) {
  if (listen.empty()) {
    ask_for(options, "cluster", false);
    return {};
  }
  std::string text = listen;
  // Go's URLs know no port -1.
  if (text.ends_with(":-1")) text.replace(text.size() - 2, 2, "0");
  Url url = NATS_TRY(parse_url(text));
  const text::HostPort address = NATS_TRY(text::split_host_port(url.host));
  if (address.port.empty()) return fail(ErrorCode::invalid_argument, "EOF");
  if (url.user && !url.password)
    return fail(ErrorCode::invalid_argument, "expected cluster password to be set");
  ask_for(options, "cluster", true);
  return {};
}

Result<void> apply_cluster_flags(const Flags& flags, Options& options) {
  // Both spellings fill one setting; the one given last is what counts.
  std::string listen;
  bool given = false;
  for (const Flag& flag : flags.given) {
    if (flag.name != "cluster" && flag.name != "cluster_listen") continue;
    listen = flag.value;
    given = true;
  }
  if (given) NATS_TRY_VOID(apply_cluster(listen, options));
  if (const std::string* name = flags.find("cluster_name"); name && !name->empty()) {
    ask_for(options, "cluster", true);
  }
  const std::string* routes = flags.find("routes");
  if (!routes || routes->empty()) return {};
  if (listen.empty() && !asked_for(options, "cluster")) {
    return fail(ErrorCode::invalid_argument, "solicited routes require cluster capabilities, e.g. --cluster");
  }
  return {};
}

// What the file says beside certificates and verification stays.
Result<void> apply_tls_flags(const Flags& flags, sys::Files& files, sys::Tls* tls, Options& options) {
  const std::string* wanted = flags.find("tls");
  if (wanted && !truth(*wanted)) {
    options.tls = nullptr;
    return {};
  }
  TlsBlock settings;
  settings.verify = is_set(flags, "tlsverify");
  bool given = wanted || flags.find("tlsverify");
  for (auto [name, member] :
       {std::pair{"tlscert", &TlsBlock::cert_file}, std::pair{"tlskey", &TlsBlock::key_file},
        std::pair{"tlscacert", &TlsBlock::ca_file}}) {
    const std::string* value = flags.find(name);
    if (!value) continue;
    settings.*member = *value;
    given = true;
  }
  if (!given) return {};
  if (settings.cert_file.empty()) {
    return fail(ErrorCode::invalid_argument, "TLS Server certificate must be present and valid");
  }
  if (settings.key_file.empty()) {
    return fail(ErrorCode::invalid_argument, "TLS Server private key must be present and valid");
  }
  Tls next = options.tls ? *options.tls : Tls{};
  TlsContexts contexts = NATS_TRY(make_tls_contexts(files, settings, tls));
  next.context = std::move(contexts.clients);
  next.monitoring_context = std::move(contexts.monitoring);
  next.verify = settings.verify;
  next.cert_file = settings.cert_file;
  options.tls = std::make_shared<const Tls>(std::move(next));
  return {};
}

}  // namespace

const std::string* Flags::find(std::string_view name) const {
  auto found =
      std::find_if(given.rbegin(), given.rend(), [&](const Flag& flag) { return flag.name == name; });
  return found == given.rend() ? nullptr : &found->value;
}

bool is_set(const Flags& flags, std::string_view name) {
  const std::string* value = flags.find(name);
  return value && truth(*value);
}

ParsedArguments parse_arguments(std::span<const std::string> arguments) {
  ParsedArguments out;
  std::size_t at = 0;
  while (at < arguments.size() && take_flag(arguments, at, out)) {
  }
  out.rest.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
  return out;
}

void apply_flags(const Flags& flags, Options& options) {
  for (const Flag& flag : flags.given) {
    const FlagRow* row = find_flag(flag.name);
    if (row && row->apply) row->apply(options, flag.value);
  }
}

Result<void> apply_combined_flags(const Flags& flags, sys::Files& files, sys::Tls* tls, Options& options) {
  if (const std::string* value = flags.find("DV")) options.trace = options.debug = truth(*value);
  if (const std::string* value = flags.find("DVV")) {
    options.trace = options.debug = options.trace_verbose = truth(*value);
  }
  NATS_TRY_VOID(apply_cluster_flags(flags, options));
  if (const std::string* value = flags.find("VV")) options.trace = options.trace_verbose = truth(*value);
  NATS_TRY_VOID(apply_tls_flags(flags, files, tls, options));
  for (const Flag& flag : flags.given) {
    if (flag.name == "js" || flag.name == "jetstream") {
      ask_for(options, "jetstream", false);
      if (truth(flag.value)) ask_for(options, "jetstream", true);
    }
  }
  return {};
}

}  // namespace nats::config
