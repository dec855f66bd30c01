// mappings {}, of the global account or of another.
#include <fmt/core.h>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/subject/subject.h"

namespace nats::config {
namespace {

using gojson::go_quote;

constexpr int weight_unset = -1;

Step refuse(Block& block, const Field& field, std::string_view reason) {
  block.error(field, reason);
  return Step::leave;
}

Step refuse_field(Block& block, const Field& field) {
  return refuse(block, field, fmt::format("Unknown field {} for mapping destination", go_quote(field.key)));
}

// One destination. Step::leave: it was wrong, which is reported.
Step read_destination(Block& outer, const Token& token, MapDestination& out) {
  const Map* map = token.map();
  if (!map) {
    outer.report().error(&token, "Expected an entry for the mapping destination");
    return Step::leave;
  }
  MapDestination read{"", weight_unset, ""};
  Block block(outer.loading(), "mappings.<subject>", &read, &outer, Faults::passed_on);
  Step step = block.read(*map, refuse_field);
  if (step != Step::next) return step;
  if (read.weight == weight_unset) {
    outer.report().error(&token,
                         fmt::format("Missing weight for mapping destination {}", go_quote(read.subject)));
    return Step::leave;
  }
  out = std::move(read);
  return Step::next;
}

Step read_destinations(Block& block, const Token& token, Mapping& mapping, bool& usable) {
  usable = true;
  const Array* array = token.array();
  if (!array) {
    MapDestination destination;
    Step step = read_destination(block, token, destination);
    usable = step == Step::next;
    mapping.destinations.push_back(std::move(destination));
    return step == Step::unwind ? step : Step::next;
  }
  for (const Token& entry : *array) {
    block.look_at(entry);
    MapDestination destination;
    Step step = read_destination(block, entry, destination);
    if (step == Step::unwind) return step;
    if (step == Step::next) mapping.destinations.push_back(std::move(destination));
  }
  return Step::next;
}

// A mapping replaces an earlier one of the same subject.
void add_mapping(std::vector<Mapping>& mappings, Mapping mapping) {
  for (Mapping& known : mappings) {
    if (known.source == mapping.source) {
      known = std::move(mapping);
      return;
    }
  }
  mappings.push_back(std::move(mapping));
}

Step read_one(Block& block, const std::string& source, const Token& token, std::vector<Mapping>& out) {
  Mapping mapping{source, {}};
  std::string to;
  if (const std::string* destination = token.string()) {
    mapping.destinations.push_back({*destination, 100, ""});
    to = " to " + go_quote(*destination);
  } else {
    bool usable = false;
    if (Step step = read_destinations(block, token, mapping, usable); step != Step::next) return step;
    if (!usable) return Step::next;
  }
  if (std::string problem = check_mapping(mapping); !problem.empty()) {
    block.report().error(&token,
                         fmt::format("Error adding mapping for {}{} : {}", go_quote(source), to, problem));
    return Step::next;
  }
  add_mapping(out, std::move(mapping));
  return Step::next;
}

Step set_weight(Block& block, const Field& field, std::int64_t weight) {
  if (weight > 100 || weight < 0) {
    return refuse(block, field, fmt::format("Invalid weight {} for mapping destination", weight));
  }
  block.target<MapDestination>().weight = static_cast<int>(weight);
  return Step::next;
}

}  // namespace

Step set_mapping_weight(Block& block, const Field& field) {
  if (const std::int64_t* weight = field.token.integer()) return set_weight(block, field, *weight);
  const std::string* percent = field.token.string();
  if (!percent) {
    return refuse(block, field, fmt::format("Unknown entry type for weight of {}\n", field.token.text()));
  }
  std::string_view digits = *percent;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  Result<std::int64_t> weight = text::parse_int(digits);
  if (!weight)
    return refuse(block, field, fmt::format("Invalid weight {} for mapping destination", go_quote(digits)));
  return set_weight(block, field, *weight);
}

// The block has no keys of the table: they are subjects.
Step read_mapping_block(Block& outer, const Token& token, std::vector<Mapping>& out) {
  Block block(outer.loading(), "mappings", nullptr, &outer, Faults::caught);
  block.look_at(token);
  const Map* map = token.map();
  if (!map) {
    block.wrong_type(token, "map[string]interface {}");
    return Step::next;
  }
  for (const auto& [subject, entry] : *map) {
    if (!subject::is_valid(subject)) {
      outer.report().error(&token, fmt::format("Subject {} is not a valid subject", go_quote(subject)));
      continue;
    }
    block.look_at(entry);
    if (read_one(block, subject, entry, out) == Step::unwind) return Step::next;
  }
  return Step::next;
}

Step read_mappings(Block& block, const Field& field) {
  return read_mapping_block(block, field.token, block.options().mappings);
}

}  // namespace nats::config
