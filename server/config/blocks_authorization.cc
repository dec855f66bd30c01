// authorization {}: who may connect.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "server/base/key_text.h"
#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr std::array<std::string_view, 7> connection_types = {
    "STANDARD", "WEBSOCKET", "LEAFNODE", "LEAFNODE_WS", "MQTT", "MQTT_WS", "IN_PROCESS"};

std::string quote_list(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& entry : list) {
    if (out.size() > 1) out += ' ';
    out += go_quote(entry);
  }
  return out + "]";
}

Step unknown_callout_field(Block& block, const Field& field) {
  if (field.token.bare) return block.nil_fault();
  if (field.token.used_variable) return Step::next;
  return block.error(field,
                     fmt::format("Unknown field {} parsing authorization callout", go_quote(field.key)));
}

// One entry of users. Nothing may follow a wrong one.
Outcome read_user(Block& block, const Map& map, const Token& at, Users& out) {
  UserBlock& user = block.target<UserBlock>();
  user = {};
  const Token* last = last_entry(map, &at);
  if (Step step = block.read(map, unknown_field); step != Step::next) return Outcome::nothing;
  auto refuse = [&](std::string_view reason) {
    block.report().error(last, reason);
    return Outcome::refused;
  };
  if (user.nkey.empty()) {
    if (user.user.empty()) return refuse("User entry requires a user");
    out.users.push_back(
        {user.user, user.password, user.permissions, "", user.connection_types, user.proxy_required});
    return Outcome::done;
  }
  if (!is_public_key(user.nkey, KeyKind::user)) return refuse("Not a valid public nkey for a user");
  if (!user.user.empty() || !user.password.empty()) {
    return refuse("Nkey users do not take usernames or passwords");
  }
  out.nkeys.push_back({user.nkey, user.permissions, "", user.connection_types, user.proxy_required});
  return Outcome::done;
}

// The top level's rules about what may stand together. False: an error was reported.
bool take_users(Block& block, const Field& field, AuthorizationBlock& read) {
  Authorization& authorization = block.options().authorization;
  auto wrong = [&](std::string_view reason) {
    block.error(field, reason);
    return false;
  };
  // Users of accounts {} may be there already.
  std::set<std::string> names;
  for (const User& user : authorization.users) names.insert(user.user);
  for (const NkeyUser& user : authorization.nkeys) names.insert(user.nkey);
  if (read.users || !names.empty()) {
    if (!read.user.empty()) return wrong("Can not have a single user/pass and a users array");
    if (!read.token.empty()) return wrong("Can not have a token and a users array");
  }
  if (!read.users) return true;
  for (const User& user : read.users->users) {
    if (!names.insert(user.user).second)
      return wrong(fmt::format("Duplicate user {} detected", go_quote(user.user)));
  }
  for (const NkeyUser& user : read.users->nkeys) {
    if (!names.insert(user.nkey).second)
      return wrong(fmt::format("Duplicate nkey {} detected", go_quote(user.nkey)));
  }
  std::ranges::move(read.users->users, std::back_inserter(authorization.users));
  std::ranges::move(read.users->nkeys, std::back_inserter(authorization.nkeys));
  return true;
}

}  // namespace

bool read_strings(Block& block, const Field& field, std::string_view name, std::vector<std::string>& out) {
  if (const std::string* one = field.token.string()) {
    out.push_back(*one);
    return true;
  }
  const Array* many = field.token.array();
  if (!many) {
    block.error(field, fmt::format("error parsing {}: unsupported type {}", name, field.token.type_name()));
    return false;
  }
  for (const Token& entry : *many) {
    block.look_at(entry);
    if (const std::string* text = entry.string()) {
      out.push_back(*text);
    } else {
      block.report().error(
          &entry, fmt::format("error parsing {}: unsupported type in array {}", name, entry.type_name()));
    }
  }
  return true;
}

Seconds read_seconds(const Token& token) {
  if (const std::int64_t* whole = token.integer())
    return {Seconds::Kind::value, static_cast<double>(*whole), {}};
  if (const double* number = token.floating()) return {Seconds::Kind::value, *number, {}};
  const std::string* text = token.string();
  if (!text) return {Seconds::Kind::wrong_type, 0, {}};
  Result<Duration> length = text::parse_duration(*text);
  if (!length) return {Seconds::Kind::wrong_duration, 0, length.error().detail};
  return {Seconds::Kind::value, length->seconds(), {}};
}

void warn_of_high_timeout(Block& block, const Field& field, double seconds) {
  constexpr double high = 60;
  if (seconds <= high) return;
  block.report().misuse(
      field.token, field.key,
      fmt::format(
          "timeout of {} ({:f} seconds) is high, consider keeping it under 60 seconds. possibly caused by "
          "unquoted duration; use '1m' instead of 1m, for example",
          field.token.text(), seconds));
}

void apply_default_permissions(Users& users, const std::optional<Permissions>& permissions) {
  if (!permissions) return;
  for (User& user : users.users) {
    if (!user.permissions) user.permissions = permissions;
  }
  for (NkeyUser& user : users.nkeys) {
    if (!user.permissions) user.permissions = permissions;
  }
}

Outcome read_authorization_block(Block& outer, const Token& token, AuthorizationBlock& out) {
  Block block(outer.loading(), "authorization{}", &out, &outer, Faults::caught);
  block.look_at(token);
  const Map* map = token.map();
  if (!map) {
    block.wrong_type(token, "map[string]interface {}");
    return Outcome::nothing;
  }
  Step step = block.read(*map, unknown_field);
  if (block.failed()) return Outcome::nothing;
  if (step == Step::leave) return Outcome::refused;
  if (out.users) apply_default_permissions(*out.users, out.default_permissions);
  return Outcome::done;
}

Step read_authorization(Block& block, const Field& field) {
  AuthorizationBlock read;
  switch (read_authorization_block(block, field.token, read)) {
    case Outcome::done:
      break;
    case Outcome::nothing:
      return block.nil_fault();
    default:
      return Step::next;
  }
  Authorization& authorization = block.options().authorization;
  authorization.block_defined = true;
  authorization.user = read.user;
  authorization.password = read.password;
  authorization.token = read.token;
  authorization.proxy_required = read.proxy_required;
  authorization.timeout_seconds = read.timeout_seconds;
  if ((!read.user.empty() || !read.password.empty()) && !read.token.empty()) {
    return block.error(field, "Cannot have a user/pass and token");
  }
  take_users(block, field, read);
  return Step::next;
}

Step set_auth_timeout(Block& block, const Field& field) {
  std::string_view owner = "authorization";
  Seconds seconds = read_seconds(field.token);
  if (seconds.kind != Seconds::Kind::value) {
    block.error(field, seconds.kind == Seconds::Kind::wrong_type
                           ? fmt::format("error parsing {} config, 'timeout' wrong type", owner)
                           : fmt::format("error parsing {} config, 'timeout' {}", owner, seconds.problem));
    return Step::leave;
  }
  warn_of_high_timeout(block, field, seconds.value);
  block.target<AuthorizationBlock>().timeout_seconds = seconds.value;
  return Step::next;
}

Step set_auth_users(Block& block, const Field& field) {
  Users users;
  if (read_users(block, field.token, &field.token, users) == Outcome::done) {
    block.target<AuthorizationBlock>().users = std::move(users);
  }
  return Step::next;
}

Step set_auth_permissions(Block& block, const Field& field) {
  Permissions permissions;
  if (read_permissions(block, field.token, &field.token, permissions) == Outcome::done) {
    block.target<AuthorizationBlock>().default_permissions = std::move(permissions);
  }
  return Step::next;
}

Step set_auth_proxy_required(Block& block, const Field& field) {
  return set_bool<&AuthorizationBlock::proxy_required>(block, field);
}

Outcome read_users(Block& outer, const Token& token, const Token* at, Users& out) {
  const Array* array = token.array();
  if (!array) {
    outer.report().error(at, fmt::format("Expected users field to be an array, got {}", token.text()));
    return Outcome::refused;
  }
  UserBlock user;
  Block block(outer.loading(), "users[]", &user, &outer, Faults::caught);
  if (at) block.look_at(*at);
  for (const Token& entry : *array) {
    block.look_at(entry);
    const Map* map = entry.map();
    if (!map) {
      block.report().error(&entry,
                           fmt::format("Expected user entry to be a map/struct, got {}", entry.text()));
      continue;
    }
    if (Outcome outcome = read_user(block, *map, entry, out); outcome != Outcome::done) return outcome;
  }
  return Outcome::done;
}

Step set_user_permissions(Block& block, const Field& field) {
  return read_optional_permissions(block, field, block.target<UserBlock>().permissions);
}

Step set_user_proxy_required(Block& block, const Field& field) {
  return set_bool<&UserBlock::proxy_required>(block, field);
}

Step set_user_connection_types(Block& block, const Field& field) {
  std::vector<std::string> names;
  auto& types = block.target<UserBlock>().connection_types;
  types.clear();
  if (!read_strings(block, field, "allowed connection types", names)) return Step::next;
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    std::string type = text::upper(name);
    bool known = std::ranges::find(connection_types, type) != connection_types.end();
    (known ? types : unknown).push_back(std::move(type));
  }
  std::ranges::sort(types);
  types.erase(std::unique(types.begin(), types.end()), types.end());
  if (!unknown.empty()) block.error(field, "invalid connection types " + quote_list(unknown));
  return Step::next;
}

Step set_auth_callout(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(
        field, fmt::format("Expected authorization callout to be a map/struct, got {}", field.token.text()));
  }
  CalloutBlock callout;
  Block inner(block.loading(), "authorization.auth_callout{}", &callout, &block, Faults::caught);
  inner.look_at(field.token);
  if (inner.read(*map, unknown_callout_field) != Step::next) return Step::next;
  const Token* last = last_entry(*map, &field.token);
  if (callout.issuer.empty()) {
    block.report().error(last, "Authorization callouts require an issuer to be specified");
  } else if (callout.users.empty()) {
    block.report().error(last, "Authorization callouts require authorized users to be specified");
  } else {
    block.target<AuthorizationBlock>().has_callout = true;
    block.loading().callout_accounts = callout.allowed_accounts;
  }
  return Step::next;
}

namespace {

Step read_names(Block& block, const Field& field, std::string_view what, std::vector<std::string>& out) {
  const Array* array = field.token.array();
  if (!array) {
    // The type is that of the reference's own wrapper, not of the value.
    block.error(field, fmt::format("Expected {} to be an array, got *conf.token", what));
    return Step::leave;
  }
  for (const Token& entry : *array) {
    block.look_at(entry);
    const std::string* name = entry.string();
    if (!name) return block.wrong_type(entry, "string");
    out.push_back(*name);
  }
  return Step::next;
}

}  // namespace

Step set_callout_users(Block& block, const Field& field) {
  return read_names(block, field, "auth_users field", block.target<CalloutBlock>().users);
}

Step set_callout_accounts(Block& block, const Field& field) {
  return read_names(block, field, "allowed accounts field", block.target<CalloutBlock>().allowed_accounts);
}

Step set_callout_issuer(Block& block, const Field& field) {
  const std::string* key = field.token.string();
  if (!key) return block.wrong_type(field.token, "string");
  block.target<CalloutBlock>().issuer = *key;
  if (is_public_key(*key, KeyKind::account)) return Step::next;
  block.error(field,
              fmt::format("Expected callout user to be a valid public account nkey, got {}", go_quote(*key)));
  return Step::leave;
}

Step set_callout_xkey(Block& block, const Field& field) {
  const std::string* key = field.token.string();
  if (!key) return block.wrong_type(field.token, "string");
  if (is_public_key(*key, KeyKind::curve)) return Step::next;
  block.error(field, fmt::format("Expected callout xkey to be a valid public xkey, got {}", go_quote(*key)));
  return Step::leave;
}

}  // namespace nats::config
