// The text form of goldens. docs/trace-format.md is its specification.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "conformance/trace/golden.h"
#include "conformance/trace/json_text.h"
#include "conformance/trace/lines.h"
#include "conformance/trace/pattern.h"

namespace natstwin::trace {

namespace {

constexpr std::string_view magic = "natstwin golden 1";
constexpr std::array<std::string_view, 6> class_names{"constant", "name",   "time",
                                                      "duration", "bounds", "free"};

using Done = std::expected<void, std::string>;

bool read_number(std::string_view text, int& value) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size();
}

// "<id:7>" with `kind` "id".
bool read_label(std::string_view text, std::string_view kind, int& id) {
  if (!text.starts_with('<') || !text.ends_with('>') || text.size() < kind.size() + 4) return false;
  text = text.substr(1, text.size() - 2);
  return text.starts_with(kind) && text[kind.size()] == ':' &&
         read_number(text.substr(kind.size() + 1), id) && id > 0;
}

std::string_view take_field(std::string_view& text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view field = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  return field;
}

std::string time_text(const TimeShape& time) {
  std::string out = time.format;
  if (!time.zone.empty()) out += ' ' + time.zone;
  if (time.in_run) out += " in-run";
  return out;
}

Done parse_time(std::string_view text, TimeShape& time) {
  constexpr std::array<std::string_view, 4> formats{"rfc3339", "rfc3339-nanos", "http", "unix-nanos"};
  time.format = take_field(text);
  if (std::ranges::find(formats, time.format) == formats.end()) {
    return std::unexpected(fmt::format("'{}' is no format of a time", time.format));
  }
  while (!text.empty()) {
    const std::string_view field = take_field(text);
    if (field == "Z" || field == "offset") {
      time.zone = field;
    } else if (field == "in-run") {
      time.in_run = true;
    } else {
      return std::unexpected(fmt::format("'{}' says nothing about a time", field));
    }
  }
  return {};
}

std::string leaf_text(const LeafSpec& leaf) {
  const LeafClass leaf_class = class_of(leaf.pattern);
  const std::string value = to_text(leaf.pattern);
  const bool constant = leaf_class == LeafClass::constant;
  const bool plain = is_one_line(value);
  std::string mark = constant ? "=" : fmt::format("~{}", name_of(leaf_class));
  if (!plain) mark += constant ? "q" : ":q";
  return fmt::format("  {} {}{} {}\n", word_form(leaf.path), leaf.optional ? "?" : "", mark,
                     plain ? value : quote_bytes(value));
}

std::string step_text(const EventSpec& event) {
  std::string out = fmt::format("@{}", event.step);
  if (event.any_step) out += '~';
  if (event.group > 0) out += fmt::format("/{}", event.group);
  if (event.optional) out += '?';
  return out;
}

Done parse_step(std::string_view text, EventSpec& event) {
  const auto wrong = std::unexpected(fmt::format("'@{}' is not a step", text));
  event.optional = text.ends_with('?');
  if (event.optional) text.remove_suffix(1);
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    if (!read_number(text.substr(slash + 1), event.group) || event.group < 1) return wrong;
    text = text.substr(0, slash);
  }
  event.any_step = text.ends_with('~');
  if (event.any_step) text.remove_suffix(1);
  if (!read_number(text, event.step)) return wrong;
  return {};
}

Done parse_leaf(std::string_view line, EventSpec& event) {
  auto path = take_word(line);
  if (!path) return std::unexpected(path.error());
  if (line == " ~set") {
    event.sets.push_back(std::move(*path));
    return {};
  }
  if (!line.starts_with(' ')) return std::unexpected("a leaf is 'path = value' or 'path ~class pattern'");
  line.remove_prefix(1);
  std::string_view mark = take_field(line);
  LeafSpec leaf{.path = std::move(*path)};
  leaf.optional = mark.starts_with('?');
  if (leaf.optional) mark.remove_prefix(1);
  const bool quoted = mark == "=q" || mark.ends_with(":q");
  if (quoted) mark.remove_suffix(mark == "=q" ? 1 : 2);
  std::string value(line);
  if (quoted) {
    auto unquoted = unquote_bytes(line);
    if (!unquoted) return std::unexpected(unquoted.error());
    value = std::move(*unquoted);
  }
  auto pattern = pattern_from_text(value);
  if (!pattern) return std::unexpected(pattern.error());
  leaf.pattern = std::move(*pattern);
  const LeafClass leaf_class = class_of(leaf.pattern);
  const std::string expected =
      leaf_class == LeafClass::constant ? "=" : fmt::format("~{}", name_of(leaf_class));
  if (mark != expected)
    return std::unexpected(fmt::format("the pattern says '{}', not '{}'", expected, mark));
  event.leaves.push_back(std::move(leaf));
  return {};
}

Done parse_event(std::string_view line, int number, Golden& golden) {
  const auto head = parse_event_head(line);
  if (!head) return std::unexpected(head.error());
  EventSpec event;
  if (const auto done = parse_step(head->step, event); !done) return done;
  event.actor = head->actor;
  event.direction = head->direction;
  event.frame = head->frame;
  event.line = number;
  golden.events.push_back(std::move(event));
  return {};
}

Done parse_labelled(std::string_view key, std::string_view rest, Golden& golden) {
  int id = 0;
  const std::string_view label = take_field(rest);
  if (key == "name") {
    const auto shape = name_shape_from_text(rest);
    if (!shape) return std::unexpected(shape.error());
    golden.names.push_back(*shape);
    if (read_label(label, "id", id) && id == static_cast<int>(golden.names.size())) return {};
  } else if (key == "time") {
    TimeShape time;
    if (const auto done = parse_time(rest, time); !done) return done;
    golden.times.push_back(std::move(time));
    if (read_label(label, "time", id) && id == static_cast<int>(golden.times.size())) return {};
  } else {
    TimeOrder order;
    if (take_field(rest) == "<=" && read_label(label, "time", order.earlier) &&
        read_label(rest, "time", order.later)) {
      golden.order.push_back(order);
      return {};
    }
  }
  return std::unexpected(fmt::format("'{}' is not the label that belongs here", label));
}

Done parse_header(std::string_view line, Golden& golden) {
  const std::string_view key = take_field(line);
  if (key == "name" || key == "time" || key == "order") return parse_labelled(key, line, golden);
  auto text = take_text(line);
  if (!text) return std::unexpected(text.error());
  if (key == "scenario") {
    golden.scenario = *text;
  } else if (key == "script") {
    golden.script_hash = *text;
  } else if (key == "reference") {
    golden.reference = *text;
  } else if (key == "recording") {
    golden.conditions.push_back(*text);
  } else if (key == "level") {
    golden.log_levels.push_back(*text);
  } else {
    return std::unexpected(fmt::format("'{}' is not a header of a golden", key));
  }
  return {};
}

Done check_labels(const Golden& golden) {
  const auto known = [&](int id, std::size_t size) { return id > 0 && static_cast<std::size_t>(id) <= size; };
  for (const TimeOrder& order : golden.order) {
    if (!known(order.earlier, golden.times.size()) || !known(order.later, golden.times.size())) {
      return std::unexpected("an order of times that are not described");
    }
  }
  for (const EventSpec& event : golden.events) {
    for (const LeafSpec& leaf : event.leaves) {
      for (const Part& part : leaf.pattern) {
        if ((part.kind == PartKind::name && !known(part.id, golden.names.size())) ||
            (part.kind == PartKind::time && !known(part.id, golden.times.size()))) {
          return std::unexpected(
              fmt::format("line {}: a label in {} is not described", event.line, leaf.path));
        }
      }
    }
  }
  return {};
}

}  // namespace

LeafClass class_of(const Pattern& pattern) {
  LeafClass weakest = LeafClass::constant;
  for (const Part& part : pattern) {
    LeafClass of = LeafClass::constant;
    switch (part.kind) {
      case PartKind::literal:
        break;
      case PartKind::name:
        of = LeafClass::name;
        break;
      case PartKind::time:
        of = LeafClass::time;
        break;
      case PartKind::duration:
        of = LeafClass::duration;
        break;
      case PartKind::integer:
        of = LeafClass::bounds;
        break;
      case PartKind::any:
        of = LeafClass::free;
        break;
    }
    weakest = std::max(weakest, of);
  }
  return weakest;
}

std::string_view name_of(LeafClass leaf_class) { return class_names[static_cast<std::size_t>(leaf_class)]; }

std::string to_text(const Golden& golden) {
  std::string out =
      fmt::format("{}\nscenario {}\nscript {}\nreference {}\n", magic, text_form(golden.scenario),
                  text_form(golden.script_hash), text_form(golden.reference));
  for (const std::string& condition : golden.conditions) {
    out += condition.empty() ? "recording\n" : fmt::format("recording {}\n", text_form(condition));
  }
  for (const std::string& level : golden.log_levels) out += fmt::format("level {}\n", text_form(level));
  for (std::size_t i = 0; i < golden.names.size(); ++i) {
    out += fmt::format("name <id:{}> {}\n", i + 1, to_text(golden.names[i]));
  }
  for (std::size_t i = 0; i < golden.times.size(); ++i) {
    out += fmt::format("time <time:{}> {}\n", i + 1, time_text(golden.times[i]));
  }
  for (const TimeOrder& order : golden.order) {
    out += fmt::format("order <time:{}> <= <time:{}>\n", order.earlier, order.later);
  }
  for (const EventSpec& event : golden.events) {
    out += fmt::format("{} {} {} {}\n", step_text(event), word_form(event.actor),
                       static_cast<char>(event.direction), text_form(event.frame));
    for (const std::string& set : event.sets) out += fmt::format("  {} ~set\n", word_form(set));
    for (const LeafSpec& leaf : event.leaves) out += leaf_text(leaf);
  }
  return out;
}

std::expected<Golden, std::string> golden_from_text(std::string_view text) {
  Golden golden;
  LineReader lines(text);
  const auto first = lines.next();
  if (!first || *first != magic) {
    return std::unexpected(fmt::format("line 1: a golden begins with '{}'", magic));
  }
  while (const auto line = lines.next()) {
    if (line->empty()) continue;
    Done done;
    if (line->starts_with('@')) {
      done = parse_event(*line, lines.number(), golden);
    } else if (line->starts_with("  ")) {
      done = golden.events.empty() ? std::unexpected("a leaf before the first event")
                                   : parse_leaf(line->substr(2), golden.events.back());
    } else {
      done = golden.events.empty() ? parse_header(*line, golden)
                                   : std::unexpected("neither an event nor a leaf");
    }
    if (!done) return std::unexpected(fmt::format("line {}: {}", lines.number(), done.error()));
  }
  if (const auto done = check_labels(golden); !done) return std::unexpected(done.error());
  return golden;
}

}  // namespace natstwin::trace
