// accounts {}: users, limits and mappings; exports and imports are checked, not built. Their users take part
// in the checks of authorization {}.
#include <fmt/core.h>

#include <set>

#include "server/base/key_text.h"
#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/subject/subject.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr std::string_view global_account = "$G";

// What is left to check when all accounts are known.
struct Links {
  std::vector<Export> export_streams;
  std::vector<Export> export_services;
  std::vector<Import> import_streams;
  std::vector<Import> import_services;
};

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

Step read_account_names(Block& block, const Array& names) {
  std::set<std::string> seen;
  for (const Token& entry : names) {
    block.look_at(entry);
    const std::string* name = entry.string();
    if (!name) return block.wrong_type(entry, "string");
    if (*name == global_account) {
      block.report().error(&entry, fmt::format("{} is a Reserved Account", go_quote(*name)));
    } else if (!seen.insert(*name).second) {
      block.report().error(&entry, "Duplicate Account Entry: " + *name);
    } else {
      Account account;
      account.name = *name;
      block.options().accounts.push_back(std::move(account));
    }
  }
  return Step::next;
}

// The users of one account join those of the server. False: a rule was broken, which is reported.
void take_account_users(Block& block, AccountBlock& read, std::set<std::string>& names) {
  Authorization& authorization = block.options().authorization;
  auto wrong = [&](std::string_view reason) { block.report().error(read.users_token, reason); };
  if (!read.users.users.empty() || !read.users.nkeys.empty()) {
    if (!authorization.user.empty()) return wrong("Can not have a single user/pass and accounts");
    if (!authorization.token.empty()) return wrong("Can not have a token and accounts");
  }
  apply_default_permissions(read.users, read.account.default_permissions);
  for (NkeyUser& user : read.users.nkeys) {
    if (!names.insert(user.nkey).second) {
      wrong(fmt::format("Duplicate nkey {} detected", go_quote(user.nkey)));
    } else {
      user.account = read.account.name;
    }
  }
  append(authorization.nkeys, read.users.nkeys);
  for (User& user : read.users.users) {
    if (!names.insert(user.user).second) {
      wrong(fmt::format("Duplicate user {} detected", go_quote(user.user)));
    } else {
      user.account = read.account.name;
    }
  }
  append(authorization.users, read.users.users);
}

Step read_account(Block& outer, const std::string& name, const Token& token, std::set<std::string>& names,
                  Links& links) {
  if (token.bare) return outer.nil_fault();
  if (token.used_variable) return Step::next;
  const Map* map = token.map();
  if (!map) {
    outer.report().error(&token, "Expected map entries for accounts");
    return Step::next;
  }
  if (name == global_account) {
    outer.report().error(&token, fmt::format("{} is a Reserved Account", go_quote(name)));
    return Step::next;
  }
  AccountBlock read;
  read.account.name = name;
  // The reference reads all accounts in one function: a fault in one ends them all.
  Block block(outer.loading(), "accounts.<name>{}", &read, &outer, Faults::passed_on);
  for (const auto& [key, entry] : *map) outer.look_at(entry);
  Step step = block.read(*map, unknown_field);
  outer.options().accounts.push_back(read.account);
  if (step == Step::unwind) return step;
  take_account_users(outer, read, names);
  append(links.export_streams, read.export_streams);
  append(links.export_services, read.export_services);
  append(links.import_streams, read.import_streams);
  append(links.import_services, read.import_services);
  return Step::next;
}

void check_links(Block& block, const Token& at, const Links& links) {
  std::set<std::string> known;
  for (const Account& account : block.options().accounts) known.insert(account.name);
  if (!block.options().mappings.empty()) known.emplace(global_account);
  auto check = [&](const std::string& account, std::string_view what) {
    if (known.contains(account)) return;
    block.report().error(&at, fmt::format("{} account not defined for {}", go_quote(account), what));
  };
  for (const Export& stream : links.export_streams) {
    for (const std::string& account : stream.accounts) check(account, "stream export");
  }
  for (const Export& service : links.export_services) {
    for (const std::string& account : service.accounts) check(account, "service export");
  }
  for (const Export& service : links.export_services) {
    if (!service.latency_subject) continue;
    std::string problem;
    if (!subject::is_valid_publish(*service.latency_subject)) problem = "invalid publish subject";
    if (problem.empty() && !service.single_response) problem = "bad service response type";
    if (problem.empty()) continue;
    block.report().error(&at,
                         fmt::format("Error adding service latency sampling for {} on subject {}: {}",
                                     go_quote(service.subject), go_quote(*service.latency_subject), problem));
  }
  for (const Import& stream : links.import_streams) check(stream.source.account, "stream import");
  for (const Import& service : links.import_services) check(service.source.account, "service import");
}

Step refuse(Block& block, const Field& field, std::string_view reason) {
  block.error(field, reason);
  return Step::leave;
}

Step refuse_limit(Block& block, const Field& field) {
  if (field.token.bare) return block.nil_fault();
  if (field.token.used_variable) return Step::next;
  return block.error(field, fmt::format("Unknown field {} parsing account limits", go_quote(field.key)));
}

struct TraceBlock {
  std::string key;  // the block's own, for messages
  std::string destination;
  int sampling = 0;
};

Step refuse_trace_field(Block& block, const Field& field) {
  if (field.token.bare) return block.nil_fault();
  if (field.token.used_variable) return Step::next;
  return refuse(block, field,
                fmt::format("Unknown field {} parsing account message trace map/struct {}",
                            go_quote(field.key), go_quote(block.target<TraceBlock>().key)));
}

Step set_sampling(Block& block, const Field& field, std::int64_t percent) {
  if (percent <= 0 || percent > 100) {
    return refuse(
        block, field,
        fmt::format("Ttrace destination sampling value {} is invalid, needs to be [1..100]", percent));
  }
  block.target<TraceBlock>().sampling = static_cast<int>(percent);
  return Step::next;
}

}  // namespace

Step read_accounts(Block& block, const Field& field) {
  Block inner(block.loading(), "accounts", nullptr, &block, Faults::caught);
  inner.look_at(field.token);
  Links links;
  if (const Array* names = field.token.array()) {
    if (names->empty()) block.harmless();
    if (read_account_names(inner, *names) == Step::unwind) return Step::next;
  } else if (const Map* map = field.token.map()) {
    if (map->empty()) block.harmless();
    std::set<std::string> names;
    for (const User& user : block.options().authorization.users) names.insert(user.user);
    for (const NkeyUser& user : block.options().authorization.nkeys) names.insert(user.nkey);
    for (const auto& [name, token] : *map) {
      inner.look_at(token);
      if (read_account(inner, name, token, names, links) == Step::unwind) return Step::next;
    }
  } else {
    // Any other type is taken for nothing.
    block.harmless();
  }
  if (!block.report().has_errors()) check_links(block, field.token, links);
  return Step::next;
}

Step set_account_nkey(Block& block, const Field& field) {
  const std::string* key = field.token.string();
  if (key && is_public_key(*key, KeyKind::account)) {
    block.target<AccountBlock>().account.nkey = *key;
    return Step::next;
  }
  return block.error(field, "Not a valid public nkey for an account: " + quote_value(field.token));
}

Step set_account_users(Block& block, const Field& field) {
  AccountBlock& account = block.target<AccountBlock>();
  account.users_token = &field.token;
  Users users;
  account.users = {};
  if (read_users(block, field.token, nullptr, users) == Outcome::done) account.users = std::move(users);
  return Step::next;
}

Step set_account_permissions(Block& block, const Field& field) {
  return read_optional_permissions(block, field, block.target<AccountBlock>().account.default_permissions);
}

Step set_account_mappings(Block& block, const Field& field) {
  return read_mapping_block(block, field.token, block.target<AccountBlock>().account.mappings);
}

Step set_account_limits(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field,
                       fmt::format("Expected account limits to be a map/struct, got {}", field.token.text()));
  }
  Block inner(block.loading(), "accounts.<name>.limits{}", &block.target<AccountBlock>().account.limits,
              &block, Faults::caught);
  inner.look_at(field.token);
  inner.read(*map, refuse_limit);
  return Step::next;
}

Step set_account_msg_trace(Block& block, const Field& field) {
  TraceBlock trace;
  trace.key = field.key;
  Block inner(block.loading(), "accounts.<name>.msg_trace{}", &trace, &block, Faults::passed_on);
  if (field.token.string()) {
    if (set_trace_dest(inner, field) != Step::next) return Step::next;
  } else if (const Map* map = field.token.map()) {
    Step step = inner.read(*map, refuse_trace_field);
    if (step != Step::next) return step == Step::unwind ? step : Step::next;
  } else {
    return block.error(field,
                       fmt::format("Expected account message trace {} to be a string or a map/struct, got {}",
                                   go_quote(field.key), field.token.type_name()));
  }
  Account& account = block.target<AccountBlock>().account;
  if (trace.sampling > 0 && trace.destination.empty()) {
    block.report().warning(&field.token, "Trace destination sampling ignored since no destination was set");
    trace.sampling = 0;
  } else if (!trace.destination.empty() && trace.sampling == 0) {
    trace.sampling = 100;
  }
  account.trace_dest = trace.destination;
  account.trace_sampling = trace.sampling;
  return Step::next;
}

Step set_trace_dest(Block& block, const Field& field) {
  const std::string* destination = field.token.string();
  if (!destination) {
    return refuse(
        block, field,
        fmt::format("Field {} should be a string, got {}", go_quote(field.key), field.token.type_name()));
  }
  if (!subject::is_valid_publish(*destination)) {
    return refuse(block, field, fmt::format("Trace destination {} is not valid", go_quote(*destination)));
  }
  block.target<TraceBlock>().destination = *destination;
  return Step::next;
}

Step set_trace_sampling(Block& block, const Field& field) {
  if (const std::int64_t* percent = field.token.integer()) return set_sampling(block, field, *percent);
  const std::string* value = field.token.string();
  if (!value) {
    return refuse(
        block, field,
        fmt::format("Trace destination sampling field {} should be an integer or a percentage, got {}",
                    go_quote(field.key), field.token.type_name()));
  }
  std::string_view digits = *value;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  Result<std::int64_t> percent = text::parse_int(digits);
  if (!percent) {
    return refuse(block, field, fmt::format("Invalid trace destination sampling value {}", go_quote(*value)));
  }
  return set_sampling(block, field, *percent);
}

// Errors below have no position: the reference has unwrapped the block before.
Step set_account_jetstream(Block& block, const Field& field) {
  if (field.token.boolean()) return Step::next;
  auto wrong = [&](std::string_view reason) {
    block.report().error(nullptr, reason);
    return Step::next;
  };
  if (const std::string* value = field.token.string()) {
    std::string word = text::lower(*value);
    if (word == "enabled" || word == "enable" || word == "disabled" || word == "disable") return Step::next;
    return wrong(fmt::format("Expected 'enabled' or 'disabled' for string value, got '{}'", *value));
  }
  const Map* map = field.token.map();
  if (!map) {
    return wrong(
        fmt::format("Expected map, bool or string to define JetStream, got {}", field.token.type_name()));
  }
  Block inner(block.loading(), "accounts.<name>.jetstream{}", nullptr, &block, Faults::passed_on);
  Step step = inner.read(*map, unknown_field);
  return step == Step::unwind ? step : Step::next;
}

Step check_account_size(Block& block, const Field& field) {
  if (field.token.integer()) return Step::next;
  return refuse(
      block, field,
      fmt::format("Expected a parseable size for {}, got {}", go_quote(field.key), field.token.text()));
}

Step check_account_flag(Block& block, const Field& field) {
  if (field.token.boolean()) return Step::next;
  return refuse(
      block, field,
      fmt::format("Expected a parseable bool for {}, got {}", go_quote(field.key), field.token.text()));
}

Step check_cluster_traffic(Block& block, const Field& field) {
  const std::string* value = field.token.string();
  if (!value) {
    return refuse(block, field,
                  fmt::format("Expected either 'system' or 'owner' string value for {}, got {}",
                              go_quote(field.key), field.token.text()));
  }
  if (value->empty() || *value == "system" || *value == "owner") return Step::next;
  return refuse(
      block, field,
      fmt::format("Expected 'system' or 'owner' string value for {}, got {}", go_quote(field.key), *value));
}

}  // namespace nats::config
