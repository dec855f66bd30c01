// jetstream {}: checked, not built. `jetstream: false` asks for nothing.
#include <fmt/core.h>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr std::int64_t concurrent_io_min = 4;
constexpr std::int64_t concurrent_io_max = 8192;

struct JetStreamBlock {
  bool enabled = true;
};

Step refuse(Block& block, const Field& field, std::string_view reason) {
  block.error(field, reason);
  return Step::leave;
}

Step refuse_value(Block& block, const Field& field, std::string_view wanted) {
  return refuse(block, field,
                fmt::format("Expected {} for {}, got {}", wanted, go_quote(field.key), field.token.text()));
}

// A number, or a string such as "10G". Otherwise `problem` says why not.
std::optional<std::int64_t> storage_size(const Token& token, std::string& problem) {
  if (const std::int64_t* number = token.integer()) return *number;
  const std::string* size = token.string();
  if (!size) {
    problem = "must be int64 or string";
    return std::nullopt;
  }
  if (size->empty()) return 0;
  Result<std::int64_t> number = text::parse_int(size->substr(0, size->size() - 1));
  if (!number) {
    problem = number.error().detail;
    return std::nullopt;
  }
  std::size_t unit = std::string_view("KMGT").find(size->back());
  if (unit == std::string_view::npos) {
    problem = "sizes defined as strings must end in K, M, G, T";
    return std::nullopt;
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(*number) << (10 * (unit + 1)));
}

Step check_size(Block& block, const Field& field, std::string_view name) {
  std::string problem;
  if (storage_size(field.token, problem)) return Step::next;
  return refuse(block, field, fmt::format("{} {}", name, problem));
}

// Blocks inside jetstream {}: an error of theirs ends it too.
Step read_inner(Block& block, const Field& field, std::string_view rows, std::string_view what) {
  const Map* map = field.token.map();
  if (!map) {
    return refuse(block, field,
                  fmt::format("Expected a map to define {}, got {}", what, field.token.type_name()));
  }
  Block inner(block.loading(), rows, nullptr, &block, Faults::passed_on);
  return inner.read(*map, unknown_field);
}

}  // namespace

Step read_jetstream(Block& block, const Field& field) {
  if (const bool* enabled = field.token.boolean()) {
    if (!*enabled) block.harmless();
    return Step::next;
  }
  if (const std::string* value = field.token.string()) {
    std::string word = text::lower(*value);
    if (word == "enabled" || word == "enable") return Step::next;
    block.harmless();
    if (word == "disabled" || word == "disable") return Step::next;
    return block.error(field,
                       fmt::format("Expected 'enabled' or 'disabled' for string value, got '{}'", *value));
  }
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field, fmt::format("Expected map, bool or string to define JetStream, got {}",
                                          field.token.type_name()));
  }
  JetStreamBlock read;
  Block inner(block.loading(), "jetstream{}", &read, &block, Faults::passed_on);
  Step step = inner.read(*map, unknown_field);
  if (!read.enabled) block.harmless();
  return step == Step::unwind ? step : Step::next;
}

Step set_js_enabled(Block& block, const Field& field) {
  return set_bool<&JetStreamBlock::enabled>(block, field);
}

Step check_js_strict(Block& block, const Field& field) {
  if (field.token.boolean()) return Step::next;
  return refuse(
      block, field,
      fmt::format("Expected 'true' or 'false' for bool value, got '{}'", string_value(field.token)));
}

Step set_js_store_dir(Block& block, const Field& field) {
  if (!block.options().store_dir.empty()) return refuse(block, field, "Duplicate 'store_dir' configuration");
  const std::string* path = field.token.string();
  if (!path) return block.wrong_type(field.token, "string");
  block.options().store_dir = *path;
  return Step::next;
}

Step check_js_sync(Block& block, const Field& field) {
  if (const std::string* value = field.token.string(); value && text::lower(*value) == "always")
    return Step::next;
  Step step = Step::next;
  read_duration(block, field, field.key, step);
  return step;
}

Step check_js_max_memory(Block& block, const Field& field) {
  return check_size(block, field, "max_mem_store");
}
Step check_js_max_file(Block& block, const Field& field) {
  return check_size(block, field, "max_file_store");
}
Step check_js_size(Block& block, const Field& field) { return check_size(block, field, field.name); }

Step check_js_count(Block& block, const Field& field) {
  return field.token.integer() ? Step::next : refuse_value(block, field, "a parseable size");
}

Step check_js_cipher(Block& block, const Field& field) {
  const std::string* value = field.token.string();
  if (!value) return block.wrong_type(field.token, "string");
  std::string cipher = text::lower(*value);
  if (cipher == "chacha" || cipher == "chachapoly" || cipher == "aes") return Step::next;
  return refuse(block, field, "Unknown cipher type: " + go_quote(*value));
}

Step check_js_limits(Block& block, const Field& field) {
  return read_inner(block, field, "jetstream.limits{}", "JetStreamLimits");
}

Step check_js_tpm(Block& block, const Field& field) {
  return read_inner(block, field, "jetstream.tpm{}", "JetStreamLimits");
}

Step check_js_batch(Block& block, const Field& field) {
  return read_inner(block, field, "jetstream.limits.batch{}", "batch limits");
}

// Its error has no position.
Step check_js_duration(Block& block, const Field& field) {
  const std::string* value = field.token.string();
  if (!value) return block.wrong_type(field.token, "string");
  Result<Duration> length = text::parse_duration(*value);
  if (!length) block.report().error(nullptr, length.error().detail);
  return Step::next;
}

Step check_js_meta_compact(Block& block, const Field& field) {
  const std::int64_t* value = field.token.integer();
  return value && *value >= 0 ? Step::next : refuse_value(block, field, "an absolute size");
}

Step check_js_meta_compact_size(Block& block, const Field& field) {
  std::string problem;
  std::optional<std::int64_t> size = storage_size(field.token, problem);
  if (!size) return refuse(block, field, fmt::format("{} {}", field.name, problem));
  return *size >= 0 ? Step::next : refuse_value(block, field, "an absolute size");
}

Step check_js_concurrent_io(Block& block, const Field& field) {
  const std::int64_t* value = field.token.integer();
  if (value && *value >= concurrent_io_min && *value <= concurrent_io_max) return Step::next;
  return refuse(block, field,
                fmt::format("Expected an absolute size for {} between 4 and 8192, got {}",
                            go_quote(field.key), field.token.text()));
}

}  // namespace nats::config
