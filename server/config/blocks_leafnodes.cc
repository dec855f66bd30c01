// leafnodes {}: checked, not built. Without a port and without remotes it asks for nothing.
#include <fmt/core.h>

#include <set>

#include "server/base/key_text.h"
#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/config/url.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

using gojson::go_quote;

// os.ExpandEnv and the tilde, as far as errors go. Empty: fine.
std::string home_problem(const std::string& path, const Environment& environment) {
  if (!path.starts_with('~')) return {};
  std::optional<std::string> home = environment ? environment("HOME") : std::nullopt;
  return home && !home->empty() ? std::string() : "failed to get home dir, require $HOME";
}

// "1.2.3" with what semver allows behind it. False: it is no version.
bool parse_version(std::string_view text, std::int64_t (&parts)[3]) {
  for (int i = 0; i < 3; ++i) {
    std::size_t size = 0;
    while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
    if (size == 0 || (size > 1 && text.front() == '0')) return false;
    Result<std::int64_t> part = text::parse_int(text.substr(0, size));
    if (!part) return false;
    parts[i] = *part;
    text.remove_prefix(size);
    if (i == 2) break;
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
  }
  if (text.empty()) return true;
  if (text.front() != '-' && text.front() != '+') return false;
  return text.size() > 1 &&
         text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-+", 1) ==
             std::string_view::npos;
}

std::string remote_name(const LeafRemote& remote, bool redacted) {
  std::string urls;
  for (const std::string& url : remote.urls) {
    urls += (urls.empty() ? "" : " ") + go_quote(redacted ? redact_url(url) : url);
  }
  std::string secret;
  if (!remote.credentials.empty()) {
    secret = ", credentials=" + go_quote(remote.credentials);
  } else if (!remote.nkey.empty()) {
    secret = ", nkey=" + (redacted ? "\"[REDACTED]\"" : go_quote(remote.nkey));
  }
  return fmt::format("urls=[{}], account={}{}", urls,
                     go_quote(remote.account.empty() ? "$G" : remote.account), secret);
}

// Empty: fine, though there may be something to warn of.
std::string proxy_problem(const LeafRemote& remote, std::string& warning) {
  const LeafProxy& proxy = remote.proxy;
  if (proxy.url.empty()) {
    bool other = !proxy.username.empty() || !proxy.password.empty() || proxy.timeout.ns != 0 || proxy.tls;
    return other ? "proxy URL must be specified when other proxy options are set" : "";
  }
  Result<Url> url = parse_url(proxy.url);
  if (!url) return "invalid proxy URL: " + url.error().detail;
  if (url->scheme != "http" && url->scheme != "https") {
    return "proxy URL scheme must be http or https, got: " + url->scheme;
  }
  if (url->host.empty()) return "proxy URL must specify a host";
  if (proxy.timeout.ns < 0) return "proxy timeout must be >= 0";
  if (proxy.tls && url->scheme != "https") {
    return "proxy TLS configuration requires an https proxy URL, got: " + url->scheme;
  }
  if (proxy.tls_timeout < 0) return "proxy TLS timeout must be >= 0";
  if (proxy.username.empty() != proxy.password.empty()) {
    return "proxy username and password must both be specified or both be empty";
  }
  bool websocket = false;
  bool plain = false;
  for (const std::string& text : remote.urls) {
    Result<Url> target = parse_url(text::trim(text));
    std::string scheme = target ? target->scheme : std::string();
    if (scheme != "ws" && scheme != "wss") {
      plain = true;
      continue;
    }
    websocket = true;
    if (scheme == "wss" && !remote.tls) {
      return fmt::format(
          "proxy is configured but remote URL {} requires TLS and no TLS configuration is provided. "
          "When using proxy with TLS endpoints, ensure TLS is properly configured for the leafnode "
          "remote",
          text);
    }
  }
  if (remote.urls.empty()) return {};
  if (!websocket) {
    warning =
        "proxy configuration will be ignored: proxy settings only apply to WebSocket connections (ws:// or "
        "wss://), "
        "but all configured URLs use TCP connections (nats://)";
  } else if (plain) {
    warning =
        "proxy configuration will only be used for WebSocket URLs: proxy settings do not apply to TCP "
        "connections "
        "(nats://)";
  }
  return {};
}

std::string authorization_problem(const LeafAuthorization& authorization) {
  if (authorization.users.empty()) return {};
  if (!authorization.user.empty()) return "can not have a single user/pass and a users array";
  if (!authorization.nkey.empty()) return "can not have a single nkey and a users array";
  std::set<std::string> names;
  for (const LeafUser& user : authorization.users) {
    if (!names.insert(user.user).second) {
      return fmt::format("duplicate user {} detected in leafnode authorization", go_quote(user.user));
    }
  }
  return {};
}

}  // namespace

Step read_leafnodes(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field,
                       fmt::format("Expected map to define a leafnode, got {}", field.token.type_name()));
  }
  LeafNodesBlock read;
  Block inner(block.loading(), "leafnodes{}", &read, &block, Faults::caught);
  inner.look_at(field.token);
  inner.read(*map, unknown_field);
  if (read.port == 0 && !read.has_remotes) block.harmless();
  return Step::next;
}

Step set_leaf_listen(Block& block, const Field& field) {
  if (auto address = read_listen(block, field)) block.target<LeafNodesBlock>().port = address->port;
  return Step::next;
}

Step set_leaf_port(Block& block, const Field& field) { return set_int<&LeafNodesBlock::port>(block, field); }

Step check_leaf_authorization(Block& block, const Field& field) {
  LeafAuthorization read;
  Block inner(block.loading(), "leafnodes.authorization{}", &read, &block, Faults::caught);
  inner.look_at(field.token);
  const Map* map = field.token.map();
  if (!map) {
    inner.wrong_type(field.token, "map[string]interface {}");
    return block.nil_fault();
  }
  Step step = inner.read(*map, unknown_field);
  if (inner.failed()) return block.nil_fault();
  if (step == Step::leave) return Step::next;
  std::string problem = authorization_problem(read);
  return problem.empty() ? Step::next : block.error(field, problem);
}

Step set_leaf_auth_nkey(Block& block, const Field& field) {
  const std::string* key = field.token.string();
  if (!key) return block.wrong_type(field.token, "string");
  block.target<LeafAuthorization>().nkey = *key;
  if (is_public_key(*key, KeyKind::user)) return Step::next;
  return block.error(field, "Not a valid public nkey for leafnode authorization");
}

Step set_leaf_auth_timeout(Block& block, const Field& field) {
  Seconds seconds = read_seconds(field.token);
  if (seconds.kind != Seconds::Kind::value) {
    block.error(field, "error parsing leafnode authorization config, 'timeout' " +
                           (seconds.kind == Seconds::Kind::wrong_type ? "wrong type" : seconds.problem));
    return Step::leave;
  }
  warn_of_high_timeout(block, field, seconds.value);
  return Step::next;
}

Step set_leaf_auth_users(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) {
    return block.error(field, fmt::format("Expected users field to be an array, got {}", field.token.text()));
  }
  LeafUser user;
  std::vector<LeafUser> users;
  Block inner(block.loading(), "leafnodes.authorization.users[]", &user, &block, Faults::caught);
  inner.look_at(field.token);
  for (const Token& entry : *array) {
    inner.look_at(entry);
    const Map* map = entry.map();
    if (!map) {
      block.report().error(&entry,
                           fmt::format("Expected user entry to be a map/struct, got {}", entry.text()));
      continue;
    }
    user = {};
    inner.read(*map, unknown_field);
    if (inner.failed()) return Step::next;
    users.push_back(user);
  }
  block.target<LeafAuthorization>().users = std::move(users);
  return Step::next;
}

Step check_leaf_min_version(Block& block, const Field& field) {
  const std::string* version = field.token.string();
  if (!version) return block.wrong_type(field.token, "string");
  std::int64_t parts[3] = {};
  if (!parse_version(*version, parts))
    return block.error(field, "invalid leafnode's minimum version: invalid semver");
  bool recent = parts[0] > 2 || (parts[0] == 2 && parts[1] >= 8);
  return recent ? Step::next : block.error(field, "the minimum version should be at least 2.8.0");
}

Step check_leaf_remotes(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) {
    return block.error(field,
                       fmt::format("Expected remotes field to be an array, got {}", field.token.type_name()));
  }
  block.target<LeafNodesBlock>().has_remotes = !array->empty();
  LeafRemote remote;
  Block inner(block.loading(), "leafnodes.remotes[]", &remote, &block, Faults::caught);
  inner.look_at(field.token);
  std::set<std::string> names;
  for (const Token& entry : *array) {
    inner.look_at(entry);
    const Map* map = entry.map();
    if (!map) {
      block.report().error(
          &entry, fmt::format("Expected remote leafnode entry to be a map/struct, got {}", entry.text()));
      continue;
    }
    remote = {};
    inner.read(*map, unknown_field);
    if (inner.failed()) return Step::next;
    std::string warning;
    if (std::string problem = proxy_problem(remote, warning); !problem.empty()) {
      block.report().error(remote.proxy_token, problem);
      continue;
    }
    if (!warning.empty()) block.report().warning(remote.proxy_token, warning);
    if (!names.insert(remote_name(remote, false)).second) {
      block.report().error(last_entry(*map, &entry), "duplicate remote " + remote_name(remote, true));
    }
  }
  return Step::next;
}

Step set_remote_url(Block& block, const Field& field) {
  LeafRemote& remote = block.target<LeafRemote>();
  if (const Array* many = field.token.array()) {
    std::vector<std::string> urls;
    if (check_urls(block, *many, "leafnode", &urls)) remote.urls = std::move(urls);
    return Step::next;
  }
  if (const std::string* one = field.token.string()) {
    if (check_one_url(block, field, "leafnode")) remote.urls.push_back(*one);
    return Step::next;
  }
  return block.error(field, fmt::format("Expected remote leafnode url to be an array or string, got {}",
                                        field.token.text()));
}

Step set_remote_credentials(Block& block, const Field& field) {
  const std::string* path = field.token.string();
  if (!path) return block.wrong_type(field.token, "string");
  LeafRemote& remote = block.target<LeafRemote>();
  std::string problem = home_problem(*path, block.loading().environment);
  if (!problem.empty()) return block.error(field, problem);
  if (!remote.nkey.empty())
    return block.error(field, "Remote leafnode can not have both creds and nkey defined");
  remote.credentials = *path;
  return Step::next;
}

Step set_remote_nkey(Block& block, const Field& field) {
  const std::string* seed = field.token.string();
  if (!seed) return block.wrong_type(field.token, "string");
  LeafRemote& remote = block.target<LeafRemote>();
  if (!is_seed(*seed, KeyKind::user)) {
    return block.error(field, fmt::format("Remote leafnode nkey is not a valid seed: {}", go_quote(*seed)));
  }
  if (!remote.credentials.empty()) {
    return block.error(field, "Remote leafnode can not have both creds and nkey defined");
  }
  remote.nkey = *seed;
  return Step::next;
}

Step set_remote_tls(Block& block, const Field& field) {
  Outcome outcome;
  Step step = check_tls_block(block, field, false, outcome);
  block.target<LeafRemote>().tls = outcome == Outcome::done;
  return step;
}

Step check_remote_deny(Block& block, const Field& field) {
  std::optional<std::vector<std::string>> subjects;
  read_subjects(block, field.token, &field.token, QueueNames::refused, subjects);
  return Step::next;
}

Step check_remote_migrate(Block& block, const Field& field) {
  if (field.token.boolean()) return Step::next;
  const Map* map = field.token.map();
  if (!map) {
    // A value that was unwrapped already has no position.
    block.report().error(nullptr, fmt::format("Expected boolean or map for jetstream_cluster_migrate, got {}",
                                              field.token.type_name()));
    return Step::next;
  }
  auto delay = map->find("leader_migrate_delay");
  if (delay == map->end()) return Step::next;
  Step step = Step::next;
  read_duration(block, {delay->first, delay->second, delay->first}, delay->first, step);
  return step;
}

Step check_remote_duration(Block& block, const Field& field) {
  Step step = Step::next;
  read_duration(block, field, field.key, step);
  return step;
}

Step set_remote_proxy(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field, fmt::format("Expected proxy to be a map, got {}", field.token.type_name()));
  }
  LeafRemote& remote = block.target<LeafRemote>();
  remote.proxy_token = &field.token;
  Block inner(block.loading(), "leafnodes.remotes[].proxy{}", &remote.proxy, &block, Faults::passed_on);
  for (const auto& [key, token] : *map) block.look_at(token);
  Step step = inner.read(*map, unknown_field);
  block.look_at(field.token);
  return step;
}

Step set_proxy_timeout(Block& block, const Field& field) {
  Step step = Step::next;
  if (auto length = read_duration(block, field, "proxy timeout", step))
    block.target<LeafProxy>().timeout = *length;
  return step;
}

Step check_proxy_tls(Block& block, const Field& field) {
  Outcome outcome;
  Step step = check_tls_block(block, field, false, outcome);
  block.target<LeafProxy>().tls = outcome == Outcome::done;
  return step;
}

}  // namespace nats::config
