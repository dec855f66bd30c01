// The text form of a trace. docs/trace-format.md is its specification.
#include "conformance/trace/trace.h"

#include <fmt/core.h>

#include <charconv>

#include "conformance/trace/json_text.h"
#include "conformance/trace/lines.h"

namespace natstwin::trace {

namespace {

constexpr std::string_view magic = "natstwin trace 1";

bool is_direction(char c) { return c == '<' || c == '>' || c == '=' || c == '!' || c == '#'; }

std::expected<Event, std::string> parse_event(std::string_view line) {
  const auto head = parse_event_head(line);
  if (!head) return std::unexpected(head.error());
  Event event;
  const auto [end, failure] =
      std::from_chars(head->step.data(), head->step.data() + head->step.size(), event.step);
  if (failure != std::errc{} || end != head->step.data() + head->step.size()) {
    return std::unexpected(fmt::format("'@{}' is not a step", head->step));
  }
  event.actor = head->actor;
  event.direction = head->direction;
  event.frame = head->frame;
  return event;
}

std::expected<Leaf, std::string> parse_leaf(std::string_view line) {
  auto path = take_word(line);
  if (!path) return std::unexpected(path.error());
  const bool plain = line.starts_with(" = ");
  const bool escaped = line.starts_with(" =q ");
  if (!plain && !escaped) return std::unexpected("a leaf is 'path = value'");
  if (plain) return Leaf{std::move(*path), std::string(line.substr(3))};
  auto value = unquote_bytes(line.substr(4));
  if (!value) return std::unexpected(value.error());
  return Leaf{std::move(*path), std::move(*value)};
}

std::expected<void, std::string> parse_header(std::string_view line, Trace& trace) {
  const std::size_t space = line.find(' ');
  const std::string_view key = line.substr(0, space);
  std::string_view rest = space == std::string_view::npos ? "" : line.substr(space + 1);
  if (key == "meta") {
    auto name = take_word(rest);
    if (!name) return std::unexpected(name.error());
    if (!rest.starts_with(' ')) return std::unexpected("a meta line is 'meta name value'");
    auto value = take_text(rest.substr(1));
    if (!value) return std::unexpected(value.error());
    trace.meta.emplace_back(std::move(*name), std::move(*value));
    return {};
  }
  auto value = take_text(rest);
  if (!value) return std::unexpected(value.error());
  if (key == "scenario") {
    trace.scenario = *value;
  } else if (key == "script") {
    trace.script_hash = *value;
  } else if (key == "server") {
    trace.server = *value;
  } else {
    return std::unexpected(fmt::format("'{}' is not a header of a trace", key));
  }
  return {};
}

std::expected<void, std::string> parse_line(std::string_view line, Trace& trace) {
  if (line.starts_with('@')) {
    auto event = parse_event(line);
    if (!event) return std::unexpected(event.error());
    trace.events.push_back(std::move(*event));
    return {};
  }
  if (line.starts_with("  ")) {
    if (trace.events.empty()) return std::unexpected("a leaf before the first event");
    auto leaf = parse_leaf(line.substr(2));
    if (!leaf) return std::unexpected(leaf.error());
    trace.events.back().leaves.push_back(std::move(*leaf));
    return {};
  }
  if (!trace.events.empty()) return std::unexpected("neither an event nor a leaf");
  return parse_header(line, trace);
}

}  // namespace

std::expected<EventHead, std::string> parse_event_head(std::string_view line) {
  EventHead head;
  line.remove_prefix(1);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::unexpected("an event is '@step actor direction frame'");
  head.step = line.substr(0, space);
  line.remove_prefix(space + 1);
  auto actor = take_word(line);
  if (!actor) return std::unexpected(actor.error());
  head.actor = std::move(*actor);
  if (line.size() < 2 || line[0] != ' ' || !is_direction(line[1])) {
    return std::unexpected("the direction of an event is one of < > = ! #");
  }
  head.direction = static_cast<Direction>(line[1]);
  line.remove_prefix(2);
  if (!line.starts_with(' ')) return std::unexpected("an event without a frame");
  auto frame = take_text(line.substr(1));
  if (!frame) return std::unexpected(frame.error());
  head.frame = std::move(*frame);
  return head;
}

std::string to_text(const Trace& trace) {
  std::string out;
  out += magic;
  out += '\n';
  out += fmt::format("scenario {}\n", text_form(trace.scenario));
  out += fmt::format("script {}\n", text_form(trace.script_hash));
  out += fmt::format("server {}\n", text_form(trace.server));
  for (const auto& [name, value] : trace.meta) {
    out += fmt::format("meta {} {}\n", word_form(name), text_form(value));
  }
  for (const Event& event : trace.events) {
    out += fmt::format("@{} {} {} {}\n", event.step, word_form(event.actor),
                       static_cast<char>(event.direction), text_form(event.frame));
    for (const Leaf& leaf : event.leaves) {
      const bool plain = is_one_line(leaf.value);
      out += fmt::format("  {} {} {}\n", word_form(leaf.path), plain ? "=" : "=q",
                         plain ? leaf.value : quote_bytes(leaf.value));
    }
  }
  return out;
}

std::expected<Trace, std::string> from_text(std::string_view text) {
  Trace trace;
  LineReader lines(text);
  const auto first = lines.next();
  if (!first || *first != magic) {
    return std::unexpected(fmt::format("line 1: a trace begins with '{}'", magic));
  }
  while (const auto line = lines.next()) {
    if (line->empty()) continue;
    if (const auto done = parse_line(*line, trace); !done) {
      return std::unexpected(fmt::format("line {}: {}", lines.number(), done.error()));
    }
  }
  return trace;
}

}  // namespace natstwin::trace
