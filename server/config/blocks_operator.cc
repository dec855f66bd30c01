// Operators, resolvers, trusted keys, proxies: checked as far as that goes without reading JWTs.
#include <fmt/core.h>

#include "server/base/key_text.h"
#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/config/url.h"
#include "server/gojson/go_quote.h"
#include "server/sys/files.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr std::string_view jwt_prefix = "eyJ";

// A string or an array of strings, as the keys of operators read it. `name` is for messages.
std::vector<std::string> read_words(Block& block, const Field& field, std::string_view name, bool wrapped) {
  std::vector<std::string> words;
  if (const std::string* one = field.token.string()) {
    words.push_back(*one);
    return words;
  }
  const Array* many = field.token.array();
  if (!many) {
    block.error(field, fmt::format("error parsing {}: unsupported type {}", name, field.token.type_name()));
    return words;
  }
  for (const Token& entry : *many) {
    if (const std::string* word = entry.string()) {
      words.push_back(*word);
    } else if (wrapped) {
      block.error(
          field,
          fmt::format("error parsing {}: unsupported type *conf.token where string is expected", name));
    } else {
      block.look_at(entry);
      block.report().error(
          &entry, fmt::format("error parsing {}: unsupported type in array {}", name, entry.type_name()));
    }
  }
  return words;
}

const Token* find(const Map& map, std::string_view key) {
  auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

bool contains_word(std::string_view text, std::string_view lower_word) {
  return text::lower(text).find(lower_word) != std::string::npos;
}

// What "URL(...)" holds: blanks and quotes around the address are dropped.
std::string url_argument(std::string_view text) {
  std::size_t at = text::lower(text).find("url");
  std::string_view rest = text.substr(at + 3);
  if (!rest.starts_with('(')) return {};
  rest.remove_prefix(1);
  while (!rest.empty() && text::is_space(static_cast<unsigned char>(rest.front()))) rest.remove_prefix(1);
  if (rest.starts_with('"')) rest.remove_prefix(1);
  std::size_t size = 0;
  while (size < rest.size() && rest[size] != '"' && rest[size] != ')' &&
         !text::is_space(static_cast<unsigned char>(rest[size]))) {
    ++size;
  }
  return std::string(rest.substr(0, size));
}

constexpr std::string_view resolver_refusal =
    "error parsing account resolver, should be MEM or  URL(\"url\") or a map containing dir and type "
    "state=[FULL|CACHE])";

struct Resolver {
  std::string directory;
  std::string type;
  bool allow_delete = false;
  bool hard_delete_set = false;
  Duration ttl;
  Duration interval;
};

// Durations of resolver {}. The first wrong one is reported at the block.
bool read_resolver_durations(Block& block, const Field& field, const Map& map, Resolver& out, Step& step) {
  Duration unused;
  for (auto [key, length] : {std::pair<std::string_view, Duration*>{"ttl", &out.ttl},
                             {"interval", &out.interval},
                             {"timeout", &unused}}) {
    const Token* token = find(map, key);
    if (!token) continue;
    block.look_at(*token);
    const std::string* text = token->string();
    if (!text) {
      step = block.wrong_type(*token, "string");
      return false;
    }
    Result<Duration> value = text::parse_duration(*text);
    if (!value) {
      block.error(field, value.error().detail);
      return false;
    }
    *length = *value;
  }
  return true;
}

bool read_resolver(Block& block, const Field& field, const Map& map, Resolver& out, Step& step) {
  auto wanted = [&](std::string_view key, auto get, std::string_view type) -> const Token* {
    const Token* token = find(map, key);
    if (!token || step != Step::next) return nullptr;
    block.look_at(*token);
    if (get(*token)) return token;
    step = block.wrong_type(*token, type);
    return nullptr;
  };
  auto string = [](const Token& t) { return t.string() != nullptr; };
  auto boolean = [](const Token& t) { return t.boolean() != nullptr; };
  auto integer = [](const Token& t) { return t.integer() != nullptr; };
  if (const Token* t = wanted("dir", string, "string")) out.directory = *t->string();
  if (const Token* t = wanted("type", string, "string")) out.type = text::upper(*t->string());
  if (const Token* t = wanted("allow_delete", boolean, "bool")) out.allow_delete = *t->boolean();
  if (wanted("hard_delete", boolean, "bool")) out.hard_delete_set = true;
  wanted("limit", integer, "int64");
  return step == Step::next && read_resolver_durations(block, field, map, out, step);
}

void check_resolver_directory(Block& block, const Field& field, const Resolver& resolver) {
  if (resolver.directory.empty()) {
    block.error(field, "dir has no value and needs to point to a directory");
    return;
  }
  Result<sys::FileInfo> info = block.loading().files.stat(resolver.directory);
  constexpr std::uint32_t owner_writes = 0200;
  if (info && (!info->directory || (info->mode & owner_writes) == 0)) {
    block.error(field, "dir needs to point to an accessible directory");
  }
}

Step check_resolver_block(Block& block, const Field& field, const Map& map) {
  Resolver resolver;
  Step step = Step::next;
  if (!read_resolver(block, field, map, resolver, step)) return step;
  if (resolver.type == "CACHE") {
    check_resolver_directory(block, field, resolver);
    if (resolver.interval.ns != 0) block.error(field, "CACHE does not accept sync");
    if (resolver.allow_delete) block.error(field, "CACHE does not accept allow_delete");
    if (resolver.hard_delete_set) block.error(field, "CACHE does not accept hard_delete");
  } else if (resolver.type == "FULL") {
    check_resolver_directory(block, field, resolver);
    if (resolver.ttl.ns != 0) block.error(field, "FULL does not accept ttl");
    if (resolver.hard_delete_set && !resolver.allow_delete) {
      block.error(field, "hard_delete has no effect without delete");
    }
  } else if (resolver.type != "MEM" && resolver.type != "MEMORY") {
    block.error(field, resolver_refusal);
  }
  return Step::next;
}

}  // namespace

Step check_operators(Block& block, const Field& field) {
  for (const std::string& operator_ : read_words(block, field, "operators", true)) {
    if (operator_.starts_with(jwt_prefix)) continue;
    Result<std::string> text = sys::read_file(block.loading().files, operator_);
    if (!text) {
      block.error(field, "error parsing operator JWT: " + text::file_error_text(operator_, text.error()));
    }
  }
  return Step::next;
}

Step check_resolver(Block& block, const Field& field) {
  if (const Map* map = field.token.map()) return check_resolver_block(block, field, *map);
  const std::string* value = field.token.string();
  if (!value) {
    return block.error(
        field, fmt::format("error parsing operator resolver, wrong type {}", field.token.type_name()));
  }
  if (contains_word(*value, "mem")) return Step::next;
  if (!contains_word(*value, "url")) return block.error(field, resolver_refusal);
  std::string url = url_argument(*value);
  if (parse_url(url)) return Step::next;
  return block.error(field, fmt::format("error parsing account resolver url [{}]", go_quote(url)));
}

Step check_resolver_preload(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) return block.error(field, "preload should be a map of account_public_key:account_jwt");
  for (const auto& [key, token] : *map) {
    block.look_at(token);
    const std::string* jwt = token.string();
    if (!jwt) {
      block.report().error(&token, "preload map value should be a string JWT");
    } else if (!jwt->starts_with(jwt_prefix)) {
      block.report().error(&token, "invalid account JWT");
    }
  }
  return Step::next;
}

Step check_resolver_pinned_accounts(Block& block, const Field& field) {
  read_words(block, field, "resolver_pinned_accounts", false);
  return Step::next;
}

Step check_trusted_keys(Block& block, const Field& field) {
  std::vector<std::string> keys = read_words(block, field, "trusted", false);
  const Array* array = field.token.array();
  const Token* at = array && !array->empty() ? &array->back() : &field.token;
  for (const std::string& key : keys) {
    if (is_public_key(key, KeyKind::operator_)) continue;
    block.report().error(
        at, fmt::format("trust key {} required to be a valid public operator nkey", go_quote(key)));
  }
  return Step::next;
}

Step check_default_js_domain(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(
        field, fmt::format("error default_js_domain config: unsupported type {}", field.token.type_name()));
  }
  if (map->empty()) block.harmless();
  for (const auto& [key, token] : *map) {
    if (!token.string()) return block.wrong_type(token, "string");
  }
  return Step::next;
}

Step read_proxies(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field,
                       fmt::format("expected proxies to be a map/struct, got {}", field.token.type_name()));
  }
  block.options().proxies_configured = true;
  Block inner(block.loading(), "proxies{}", nullptr, &block, Faults::caught);
  inner.look_at(field.token);
  inner.read(*map, unknown_field);
  return Step::next;
}

Step check_proxies_trusted(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) {
    return block.error(field, fmt::format("expected proxies' trusted field to be an array, got {}",
                                          field.token.type_name()));
  }
  Block inner(block.loading(), "proxies.trusted[]", nullptr, &block, Faults::caught);
  inner.look_at(field.token);
  for (const Token& entry : *array) {
    inner.look_at(entry);
    const Map* map = entry.map();
    if (!map) {
      block.report().error(&entry, fmt::format("expected proxies' trusted entry to be a map/struct, got {}",
                                               entry.type_name()));
      continue;
    }
    inner.read(*map, unknown_field);
    if (inner.failed()) return Step::next;
  }
  return Step::next;
}

Step check_proxy_key(Block& block, const Field& field) {
  const std::string* key = field.token.string();
  if (!key) return block.wrong_type(field.token, "string");
  if (is_public_key(*key)) {
    block.options().trusted_proxies.push_back(*key);
    return Step::next;
  }
  return block.error(field, fmt::format("invalid proxy key {}", go_quote(*key)));
}

}  // namespace nats::config
