#include "server/config/options_loader.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "server/config/block.h"
#include "server/config/blocks.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/gojson/time_text.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr std::string_view global_account = "$G";
constexpr std::string_view default_system_account = "$SYS";

// Whether there is a system account decides about other features: it is read before all keys.
void read_system_account(Block& block, const Map& root) {
  for (std::string_view key : {"system_account", "system"}) {
    auto found = root.find(key);
    if (found == root.end()) continue;
    if (const std::string* name = found->second.string()) {
      block.options().system_account = *name;
    } else {
      block.report().error(&found->second, "system account name must be a string");
    }
    return;
  }
}

void check_callout_accounts(Loading& loading) {
  std::set<std::string> known;
  for (const Account& account : loading.options.accounts) known.insert(account.name);
  if (!loading.options.mappings.empty()) known.emplace(global_account);
  for (const std::string& account : loading.callout_accounts) {
    if (known.contains(account)) continue;
    loading.report.error(
        nullptr,
        fmt::format("auth_callout allowed account {} not found in configured accounts", go_quote(account)));
  }
}

LoadOutcome load(Result<Document> document, std::string_view name, sys::Files& files,
                 const Environment& environment, Options& options, sys::Tls* tls) {
  if (!document) return {true, false, document.error().detail};
  Result<std::string> sum = digest(*document);
  if (!sum) return {true, false, sum.error().detail};
  options.config_file = name;
  options.config_digest = *sum;
  Loading loading{options, {}, files, environment, tls};
  if (document->root().empty()) {
    loading.report.warning(nullptr, fmt::format("{}: config has no values or is empty", name));
  }
  Block top(loading, "", &options, nullptr, Faults::caught_per_key);
  read_system_account(top, document->root());
  top.read(document->root(), unknown_field);
  check_callout_accounts(loading);
  const Report& report = loading.report;
  return {report.has_errors(), !report.warnings().empty(), report.text()};
}

template <class T>
void fill(T& value, const T& otherwise) {
  if (value == T{}) value = otherwise;
}

std::string check_user_permissions(const std::optional<Permissions>& permissions) {
  if (!permissions) return {};
  auto check = [](const std::optional<SubjectPermission>& side, std::string_view name, QueueNames queues) {
    if (!side) return std::string();
    for (auto [list, what] : {std::pair{&side->allow, "allow"}, std::pair{&side->deny, "deny"}}) {
      std::string problem = check_subjects(*list, queues);
      if (!problem.empty()) return fmt::format("{} {}: {}", name, what, problem);
    }
    return std::string();
  };
  std::string problem = check(permissions->publish, "publish", QueueNames::refused);
  return problem.empty() ? check(permissions->subscribe, "subscribe", QueueNames::allowed) : problem;
}

Result<void> validate_users(const Options& options) {
  auto wrong = [](std::string_view what, const std::string& name, const std::string& problem) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("invalid permissions for {} {}: {}", what, go_quote(name), problem));
  };
  for (const User& user : options.authorization.users) {
    std::string problem = check_user_permissions(user.permissions);
    if (!problem.empty()) return wrong("user", user.user, problem);
  }
  for (const NkeyUser& user : options.authorization.nkeys) {
    std::string problem = check_user_permissions(user.permissions);
    if (!problem.empty()) return wrong("nkey", user.nkey, problem);
  }
  return {};
}

Result<void> validate_no_auth_user(const Options& options) {
  const std::string& name = options.no_auth_user;
  const Authorization& authorization = options.authorization;
  if (name.empty()) return {};
  if (authorization.users.empty() && authorization.nkeys.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("no_auth_user: \"{}\" present, but users/nkeys are not defined", name));
  }
  bool known = std::ranges::find(authorization.users, name, &User::user) != authorization.users.end() ||
               std::ranges::find(authorization.nkeys, name, &NkeyUser::nkey) != authorization.nkeys.end();
  if (known) return {};
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("no_auth_user: \"{}\" not present as user or nkey in authorization block or account "
                  "configuration",
                  name));
}

}  // namespace

Options blank_options() {
  Options options;
  options.host.clear();
  options.port = 0;
  options.logtime = false;
  options.max_control_line = 0;
  options.max_payload = 0;
  options.max_pending = 0;
  options.max_connections = 0;
  options.max_closed_clients = 0;
  options.ping_interval = {};
  options.ping_max = 0;
  options.write_deadline = {};
  options.authorization.timeout_seconds = 0;
  options.http_host.clear();
  options.lame_duck_duration = {};
  options.lame_duck_grace_period = {};
  options.connect_error_reports = 0;
  options.reconnect_error_reports = 0;
  return options;
}

LoadOutcome load_text(std::string_view text, std::string_view name, sys::Files& files,
                      const Environment& environment, Options& options, sys::Tls* tls) {
  return load(parse_text(text, name, files, environment), name, files, environment, options, tls);
}

LoadOutcome load_file(std::string_view path, sys::Files& files, const Environment& environment,
                      Options& options, sys::Tls* tls) {
  return load(parse_file(path, files, environment), path, files, environment, options, tls);
}

void apply_defaults(Options& options) {
  const Options defaults;
  fill(options.host, defaults.host);
  fill(options.http_host, options.host);
  if (options.port == 0) {
    options.port = defaults.port;
  } else if (options.port == -1) {
    options.port = 0;
  }
  fill(options.max_connections, defaults.max_connections);
  fill(options.ping_interval, defaults.ping_interval);
  fill(options.ping_max, defaults.ping_max);
  double authentication_seconds = defaults.authorization.timeout_seconds;
  if (options.tls) {
    Tls tls = *options.tls;
    fill(tls.timeout_seconds, Tls{}.timeout_seconds);
    // Who shakes hands slowly must still have time to say who it is.
    authentication_seconds = tls.timeout_seconds + 1;
    options.tls = std::make_shared<const Tls>(std::move(tls));
  }
  fill(options.authorization.timeout_seconds, authentication_seconds);
  fill(options.max_control_line, defaults.max_control_line);
  fill(options.max_payload, defaults.max_payload);
  fill(options.max_pending, defaults.max_pending);
  fill(options.write_deadline, defaults.write_deadline);
  fill(options.max_closed_clients, defaults.max_closed_clients);
  fill(options.lame_duck_duration, defaults.lame_duck_duration);
  fill(options.lame_duck_grace_period, defaults.lame_duck_grace_period);
  fill(options.connect_error_reports, defaults.connect_error_reports);
  fill(options.reconnect_error_reports, defaults.reconnect_error_reports);
  // An account of that name is meant to be it.
  bool named =
      std::ranges::find(options.accounts, default_system_account, &Account::name) != options.accounts.end();
  if (named) fill(options.system_account, std::string(default_system_account));
}

Result<void> validate(const Options& options) {
  auto wrong = [](std::string text) { return fail(ErrorCode::invalid_argument, std::move(text)); };
  if (options.lame_duck_duration.ns > 0 && options.lame_duck_grace_period >= options.lame_duck_duration) {
    return wrong(
        fmt::format("lame duck grace period ({}) should be strictly lower than lame duck duration ({})",
                    gojson::duration_text(options.lame_duck_grace_period),
                    gojson::duration_text(options.lame_duck_duration)));
  }
  if (options.max_payload > options.max_pending) {
    return wrong(fmt::format("max_payload ({}) cannot be higher than max_pending ({})", options.max_payload,
                             options.max_pending));
  }
  if (options.server_name.find(' ') != std::string::npos) return wrong("server name cannot contain spaces");
  // Operators are not built, so a sentinel never has what it needs.
  if (!options.default_sentinel.empty()) return wrong("default sentinel requires operators and accounts");
  NATS_TRY_VOID(validate_users(options));
  return validate_no_auth_user(options);
}

Result<void> resolve_system_account(const Options& options) {
  const std::string& name = options.system_account;
  if (name.empty() || name == global_account) return {};
  if (std::ranges::find(options.accounts, name, &Account::name) != options.accounts.end()) return {};
  return fail(ErrorCode::invalid_argument, "error resolving system account: account missing");
}

std::string base_path(const Options& options) {
  const std::string& path = options.http_base_path;
  if (path.empty()) return "/";
  return text::path_clean(path.front() == '/' ? path : "/" + path);
}

}  // namespace nats::config
