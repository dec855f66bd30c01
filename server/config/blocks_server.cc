// The keys of the top level that are not a field of Options as they stand, and the checks that all
// blocks share.
#include <fmt/core.h>

#include <limits>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/gojson/time_text.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr std::int64_t size_max = std::numeric_limits<std::int32_t>::max();
constexpr Duration lame_duck_duration_min = Duration::from_seconds(30);
constexpr int sub_tokens_max = 255;

// A bool that says for a reload whether the file had it.
Step set_explicit(Block& block, const Field& field, bool Options::*member, const char* name) {
  const bool* value = field.token.boolean();
  if (!value) return block.wrong_type(field.token, "bool");
  block.options().*member = *value;
  block.options().explicit_bools.in_config[name] = *value;
  return Step::next;
}

// Both keys that refine tracing also switch it.
Step set_tracing(Block& block, const Field& field, bool Options::*member, const char* name) {
  Step step = set_explicit(block, field, member, name);
  return step == Step::next ? set_explicit(block, field, &Options::trace, "Trace") : step;
}

// A size of at most 2 GB that the reference keeps in 32 bits.
Step set_size(Block& block, const Field& field, std::int32_t Options::*member) {
  const std::int64_t* value = field.token.integer();
  if (!value) return block.wrong_type(field.token, "int64");
  if (*value > size_max) return block.error(field, fmt::format("{} value is too big", field.key));
  block.options().*member = static_cast<std::int32_t>(*value);
  return Step::next;
}

Step set_port(Block& block, const Field& field, int Options::*member) {
  const std::int64_t* value = field.token.integer();
  if (!value) return block.wrong_type(field.token, "int64");
  block.options().*member = static_cast<int>(*value);
  if (*value == 0) block.harmless();
  return Step::next;
}

Step set_monitor(Block& block, const Field& field, int Options::*port) {
  std::optional<ListenAddress> address = read_listen(block, field);
  if (!address) return Step::next;
  block.options().http_host = address->host;
  block.options().*port = address->port;
  if (address->port == 0) block.harmless();
  return Step::next;
}

std::optional<Duration> lame_duck(Block& block, const Field& field, Step& step) {
  const std::string* value = field.token.string();
  if (!value) {
    step = block.wrong_type(field.token, "string");
    return std::nullopt;
  }
  Result<Duration> length = text::parse_duration(*value);
  if (length) return *length;
  block.error(field, fmt::format("error parsing {}: {}", field.name, length.error().detail));
  return std::nullopt;
}

std::optional<WriteTimeoutPolicy> write_timeout(Block& block, const Field& field, Step& step) {
  const std::string* value = field.token.string();
  if (!value) {
    step = block.wrong_type(field.token, "string");
    return std::nullopt;
  }
  if (*value == "default") return WriteTimeoutPolicy::default_policy;
  if (*value == "close") return WriteTimeoutPolicy::close;
  if (*value == "retry") return WriteTimeoutPolicy::retry;
  block.error(field, "write_timeout must be 'default', 'close' or 'retry'");
  return WriteTimeoutPolicy::default_policy;
}

void add_tag(std::vector<std::string>& tags, std::string_view text) {
  std::string tag(text::trim(text::lower(text)));
  if (tag.empty()) return;
  for (const std::string& known : tags) {
    if (known == tag) return;
  }
  tags.push_back(std::move(tag));
}

}  // namespace

std::optional<Duration> read_duration(Block& block, const Field& field, std::string_view name, Step& step) {
  if (const std::string* value = field.token.string()) {
    Result<Duration> length = text::parse_duration(*value);
    if (length) return *length;
    block.error(field, fmt::format("error parsing {}: {}", name, length.error().detail));
    return std::nullopt;
  }
  if (field.token.bare) {
    step = block.nil_fault();
    return std::nullopt;
  }
  block.report().misuse(field.token, name, fmt::format("{} should be converted to a duration", name));
  const std::int64_t* seconds = field.token.integer();
  if (!seconds) {
    step = block.wrong_type(field.token, "int64");
    return std::nullopt;
  }
  // Wraps as Go's product does.
  return Duration{static_cast<std::int64_t>(static_cast<std::uint64_t>(*seconds) * 1'000'000'000u)};
}

std::optional<ListenAddress> read_listen(Block& block, const Field& field) {
  auto wrong = [&](std::string_view reason) {
    block.error(field, reason);
    return std::nullopt;
  };
  if (const std::int64_t* port = field.token.integer()) return ListenAddress{"", static_cast<int>(*port)};
  const std::string* value = field.token.string();
  if (!value) return wrong(fmt::format("expected port or host:port, got {}", field.token.type_name()));
  Result<text::HostPort> address = text::split_host_port(*value);
  if (!address) return wrong(fmt::format("could not parse address string {}", go_quote(*value)));
  Result<std::int64_t> port = text::parse_int(address->port);
  if (!port) return wrong(fmt::format("could not parse port {}", go_quote(address->port)));
  return ListenAddress{address->host, static_cast<int>(*port)};
}

Step check_bool(Block& block, const Field& field) {
  return field.token.boolean() ? Step::next : block.wrong_type(field.token, "bool");
}

Step check_string(Block& block, const Field& field) {
  return field.token.string() ? Step::next : block.wrong_type(field.token, "string");
}

Step check_int(Block& block, const Field& field) {
  return field.token.integer() ? Step::next : block.wrong_type(field.token, "int64");
}

Step check_nothing(Block&, const Field&) { return Step::next; }

Step check_listen(Block& block, const Field& field) {
  read_listen(block, field);
  return Step::next;
}

Step check_duration(Block& block, const Field& field) {
  Step step = Step::next;
  read_duration(block, field, field.name, step);
  return step;
}

Step check_write_timeout(Block& block, const Field& field) {
  Step step = Step::next;
  write_timeout(block, field, step);
  return step;
}

Step read_by_block(Block& block, const Field& field) { return unknown_field(block, field); }

Step set_listen(Block& block, const Field& field) {
  if (std::optional<ListenAddress> address = read_listen(block, field)) {
    block.options().host = address->host;
    block.options().port = address->port;
  }
  return Step::next;
}

Step set_server_name(Block& block, const Field& field) {
  const std::string* name = field.token.string();
  if (!name) return block.wrong_type(field.token, "string");
  if (name->find(' ') != std::string::npos) return block.error(field, "server name cannot contain spaces");
  block.options().server_name = *name;
  return Step::next;
}

Step set_debug(Block& block, const Field& field) {
  return set_explicit(block, field, &Options::debug, "Debug");
}

Step set_trace(Block& block, const Field& field) {
  return set_explicit(block, field, &Options::trace, "Trace");
}

Step set_trace_verbose(Block& block, const Field& field) {
  return set_tracing(block, field, &Options::trace_verbose, "TraceVerbose");
}

Step set_trace_headers(Block& block, const Field& field) {
  return set_tracing(block, field, &Options::trace_headers, "TraceHeaders");
}

Step set_logtime(Block& block, const Field& field) {
  return set_explicit(block, field, &Options::logtime, "Logtime");
}

Step set_logtime_utc(Block& block, const Field& field) {
  return set_explicit(block, field, &Options::logtime_utc, "LogtimeUTC");
}

Step set_syslog(Block& block, const Field& field) {
  Step step = set_explicit(block, field, &Options::syslog, "Syslog");
  if (!block.options().syslog) block.harmless();
  return step;
}

Step set_remote_syslog(Block& block, const Field& field) {
  Step step = set_string<&Options::remote_syslog>(block, field);
  if (block.options().remote_syslog.empty()) block.harmless();
  return step;
}

Step set_http(Block& block, const Field& field) { return set_monitor(block, field, &Options::http_port); }

Step set_https(Block& block, const Field& field) { return set_monitor(block, field, &Options::https_port); }

Step set_https_port(Block& block, const Field& field) { return set_port(block, field, &Options::https_port); }

Step set_prof_port(Block& block, const Field& field) { return set_port(block, field, &Options::prof_port); }

Step set_proxy_protocol(Block& block, const Field& field) {
  Step step = set_bool<&Options::proxy_protocol>(block, field);
  if (!block.options().proxy_protocol) block.harmless();
  return step;
}

Step set_store_dir(Block& block, const Field& field) {
  if (!block.options().store_dir.empty()) return block.error(field, "Duplicate 'store_dir' configuration");
  return set_string<&Options::store_dir>(block, field);
}

Step set_max_control_line(Block& block, const Field& field) {
  return set_size(block, field, &Options::max_control_line);
}

Step set_max_payload(Block& block, const Field& field) {
  return set_size(block, field, &Options::max_payload);
}

Step set_max_connections(Block& block, const Field& field) {
  Step step = set_int<&Options::max_connections>(block, field);
  // Zero is how a file asks for no limit.
  if (step == Step::next && block.options().max_connections == 0) block.options().max_connections = -1;
  return step;
}

Step set_max_sub_tokens(Block& block, const Field& field) {
  const std::int64_t* value = field.token.integer();
  if (!value) return block.wrong_type(field.token, "int64");
  if (*value > sub_tokens_max) return block.error(field, fmt::format("{} value is too big", field.key));
  if (*value <= 0) return block.error(field, fmt::format("{} value can not be negative", field.key));
  block.options().max_sub_tokens = static_cast<int>(*value);
  return Step::next;
}

Step set_write_timeout(Block& block, const Field& field) {
  Step step = Step::next;
  if (auto policy = write_timeout(block, field, step)) block.options().write_timeout = *policy;
  return step;
}

Step set_lame_duck_duration(Block& block, const Field& field) {
  Step step = Step::next;
  std::optional<Duration> length = lame_duck(block, field, step);
  if (!length) return step;
  if (*length < lame_duck_duration_min) {
    return block.error(field, fmt::format("invalid lame_duck_duration of {}, minimum is 30 seconds",
                                          gojson::duration_text(*length)));
  }
  block.options().lame_duck_duration = *length;
  return Step::next;
}

Step set_lame_duck_grace_period(Block& block, const Field& field) {
  Step step = Step::next;
  std::optional<Duration> length = lame_duck(block, field, step);
  if (!length) return step;
  if (length->ns < 0) return block.error(field, "invalid lame_duck_grace_period, needs to be positive");
  block.options().lame_duck_grace_period = *length;
  return Step::next;
}

// The loader reads it before all others.
Step skip_system_account(Block&, const Field&) { return Step::next; }

Step set_server_tags(Block& block, const Field& field) {
  std::vector<std::string>& tags = block.options().server_tags;
  if (const std::string* one = field.token.string()) {
    add_tag(tags, *one);
    return Step::next;
  }
  const Array* many = field.token.array();
  if (!many)
    return block.error(field,
                       fmt::format("error parsing tags: unsupported type {}", field.token.type_name()));
  for (const Token& entry : *many) {
    const std::string* tag = entry.string();
    if (entry.bare) {
      return block.error(field, fmt::format("error parsing tags: unsupported type {}", entry.type_name()));
    }
    if (!tag)
      return block.error(field, "error parsing tags: unsupported type *conf.token where string is expected");
    add_tag(tags, *tag);
  }
  return Step::next;
}

Step set_server_metadata(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map)
    return block.error(field,
                       fmt::format("error parsing metadata: unsupported type {}", field.token.type_name()));
  for (const auto& [key, token] : *map) {
    block.look_at(token);
    const std::string* value = token.string();
    if (!value) return block.wrong_type(token, "string");
    block.options().server_metadata[key] = *value;
  }
  return Step::next;
}

Step set_feature_flags(Block& block, const Field& field) {
  const Map* map = field.token.map();
  if (!map) {
    return block.error(
        field, fmt::format("error parsing feature flags: unsupported type {}", field.token.type_name()));
  }
  for (const auto& [key, token] : *map) {
    const bool* value = token.boolean();
    if (!value) {
      block.report().error(&token, fmt::format("error parsing feature flag {}: expected bool, got {}",
                                               go_quote(key), token.type_name()));
      return Step::next;
    }
    block.options().feature_flags[key] = *value;
  }
  return Step::next;
}

}  // namespace nats::config
