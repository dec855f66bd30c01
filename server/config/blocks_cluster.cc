// cluster {} and gateway {}: checked, not built.
#include <fmt/core.h>

#include <set>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/config/url.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr Duration route_ping_interval_max = Duration::from_seconds(30);

Step check_name(Block& block, const Field& field, std::string_view what) {
  const std::string* name = field.token.string();
  if (!name) return block.wrong_type(field.token, "string");
  if (name->find(' ') == std::string::npos) return Step::next;
  return block.error(field, fmt::format("{} name cannot contain spaces", what));
}

// One user and password only. `out` stays empty when that is violated.
Step check_single_user(Block& block, const Field& field, std::string_view what,
                       std::optional<AuthorizationBlock>& out) {
  AuthorizationBlock read;
  switch (read_authorization_block(block, field.token, read)) {
    case Outcome::done:
      break;
    case Outcome::nothing:
      return block.nil_fault();
    default:
      return Step::next;
  }
  if (read.users)
    return block.error(field, fmt::format("{} authorization does not allow multiple users", what));
  if (!read.token.empty())
    return block.error(field, fmt::format("{} authorization does not support tokens", what));
  if (read.has_callout)
    return block.error(field, fmt::format("{} authorization does not support callouts", what));
  out = std::move(read);
  return Step::next;
}

bool check_url(Block& block, const Token& at, const std::string& url, std::string_view what) {
  std::string_view trimmed = text::trim(url);
  if (parse_url(trimmed)) return true;
  block.report().error(&at, fmt::format("error parsing {} url [{}]", what, go_quote(trimmed)));
  return false;
}

// A block whose shape is a map, and whose use is nothing when it is empty.
Step read_plain(Block& block, const Field& field, std::string_view rows, std::string_view refusal) {
  const Map* map = field.token.map();
  if (!map) return block.error(field, fmt::format("{}, got {}", refusal, field.token.type_name()));
  if (map->empty()) block.harmless();
  Block inner(block.loading(), rows, nullptr, &block, Faults::caught);
  inner.look_at(field.token);
  inner.read(*map, unknown_field);
  return Step::next;
}

Step refuse_compression_field(Block& block, const Field& field) {
  unknown_field(block, field);
  return field.token.used_variable ? Step::next : Step::leave;
}

}  // namespace

// Array of URLs. Duplicates earn a warning. True: none was wrong.
bool check_urls(Block& block, const Array& urls, std::string_view what, std::vector<std::string>* out) {
  std::set<std::string> seen;
  bool fine = true;
  for (const Token& entry : urls) {
    const std::string* url = entry.string();
    if (!url) {
      block.report().error(
          &entry, fmt::format("interface conversion: interface {{}} is {}, not string", entry.type_name()));
      return false;
    }
    if (!seen.insert(*url).second) {
      block.report().misuse(entry, *url, fmt::format("Duplicate {} entry detected", what));
    } else if (!check_url(block, entry, *url, what)) {
      fine = false;
    } else if (out) {
      out->push_back(*url);
    }
  }
  return fine;
}

bool check_one_url(Block& block, const Field& field, std::string_view what) {
  return check_url(block, field.token, *field.token.string(), what);
}

Step read_cluster(Block& block, const Field& field) {
  return read_plain(block, field, "cluster{}", "Expected map to define cluster");
}

Step check_cluster_name(Block& block, const Field& field) { return check_name(block, field, "cluster"); }

Step check_cluster_authorization(Block& block, const Field& field) {
  std::optional<AuthorizationBlock> read;
  Step step = check_single_user(block, field, "Cluster", read);
  if (!read || !read->default_permissions) return step;
  if (std::string problem = check_cluster_subjects(*read->default_permissions); !problem.empty()) {
    return block.error(field, problem);
  }
  block.report().misuse(field.token, field.key,
                        "setting \"permissions\" within cluster authorization block is deprecated");
  return Step::next;
}

Step check_routes(Block& block, const Field& field) {
  const Array* routes = field.token.array();
  if (!routes) return block.wrong_type(field.token, "[]interface {}");
  check_urls(block, *routes, "route", nullptr);
  return Step::next;
}

Step check_cluster_permissions(Block& block, const Field& field) {
  Permissions permissions;
  switch (read_permissions(block, field.token, nullptr, permissions)) {
    case Outcome::done:
      break;
    case Outcome::nothing:
      return block.nil_fault();
    default:
      return Step::next;
  }
  if (permissions.response) return block.error(field, "Cluster permissions do not support dynamic responses");
  std::string problem = check_cluster_subjects(permissions);
  return problem.empty() ? Step::next : block.error(field, problem);
}

Step check_cluster_accounts(Block& block, const Field& field) {
  std::vector<std::string> names;
  read_strings(block, field, "accounts", names);
  return Step::next;
}

// The mode itself is looked at when the server starts.
Step check_compression(Block& block, const Field& field) {
  if (field.token.string() || field.token.boolean()) return Step::next;
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field, fmt::format("field {} should be a boolean or a structure, got {}",
                                          go_quote(field.key), field.token.type_name()));
  }
  Block inner(block.loading(), "compression{}", nullptr, &block, Faults::caught);
  inner.read(*map, refuse_compression_field);
  return Step::next;
}

Step check_compression_thresholds(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array) return block.wrong_type(field.token, "[]interface {}");
  for (const Token& entry : *array) {
    block.look_at(entry);
    const std::string* value = entry.string();
    if (!value) return block.wrong_type(entry, "string");
    Result<Duration> length = text::parse_duration(*value);
    if (length) continue;
    block.error(field, length.error().detail);
    return Step::leave;
  }
  return Step::next;
}

Step check_cluster_ping_interval(Block& block, const Field& field) {
  Step step = Step::next;
  std::optional<Duration> interval = read_duration(block, field, field.name, step);
  if (interval && *interval > route_ping_interval_max) {
    block.report().warning(&field.token,
                           "Cluster 'ping_interval' will reset to 30s which is the max for routes");
  }
  return step;
}

Step read_gateway(Block& block, const Field& field) {
  return read_plain(block, field, "gateway{}", "Expected gateway to be a map");
}

Step check_gateway_name(Block& block, const Field& field) { return check_name(block, field, "gateway"); }

Step check_gateway_authorization(Block& block, const Field& field) {
  std::optional<AuthorizationBlock> read;
  return check_single_user(block, field, "Gateway", read);
}

Step check_gateways(Block& block, const Field& field) {
  const Array* gateways = field.token.array();
  if (!gateways) {
    // Told without a position by the reference, and it ends the block.
    block.report().error(
        nullptr, fmt::format("Expected gateways field to be an array, got {}", field.token.type_name()));
    return Step::leave;
  }
  Block inner(block.loading(), "gateway.gateways[]", nullptr, &block, Faults::caught);
  for (const Token& entry : *gateways) {
    inner.look_at(entry);
    const Map* map = entry.map();
    if (!map) {
      block.report().error(&entry,
                           fmt::format("Expected gateway entry to be a map/struct, got {}", entry.text()));
      continue;
    }
    inner.read(*map, unknown_field);
    if (inner.failed()) break;
  }
  return Step::next;
}

Step check_gateway_url(Block& block, const Field& field) {
  if (!field.token.string()) return block.wrong_type(field.token, "string");
  check_one_url(block, field, "gateway");
  return Step::next;
}

Step check_gateway_urls(Block& block, const Field& field) {
  const Array* urls = field.token.array();
  if (!urls) return block.wrong_type(field.token, "[]interface {}");
  check_urls(block, *urls, "gateway", nullptr);
  return Step::next;
}

}  // namespace nats::config
