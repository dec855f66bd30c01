// Verdicts in words and in JSON.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "conformance/trace/compare.h"
#include "conformance/trace/json_text.h"
#include "conformance/trace/pattern.h"

namespace natstwin::trace {

namespace {

constexpr std::size_t value_size_max = 400;
constexpr std::size_t context_events = 3;

std::string shortened(const std::string& value) {
  if (value.size() <= value_size_max) return value;
  return fmt::format("{}... ({} bytes)", value.substr(0, value_size_max), value.size());
}

std::string head_of(int step, const std::string& actor, Direction direction, const std::string& frame) {
  return fmt::format("@{} {} {} {}", step, actor, static_cast<char>(direction), frame);
}

std::string number_field(std::string_view name, int value) { return fmt::format("\"{}\": {}", name, value); }

std::string text_field(std::string_view name, std::string_view value) {
  return fmt::format("\"{}\": {}", name, quote_bytes(value));
}

std::string json_of(const Difference& difference) {
  const std::string_view direction(reinterpret_cast<const char*>(&difference.direction), 1);
  return fmt::format("{{{}, {}, \"first\": {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}}",
                     text_field("kind", name_of(difference.kind)), text_field("what", difference.what),
                     difference.first, number_field("step", difference.step),
                     text_field("actor", difference.actor), text_field("direction", direction),
                     text_field("frame", difference.frame), text_field("path", difference.path),
                     text_field("expected", difference.expected), text_field("actual", difference.actual),
                     text_field("line", line_of(difference)),
                     number_field("golden_line", difference.golden_line),
                     number_field("replay_line", difference.replay_line));
}

// The events round the first divergence, in the golden's order and in the replay's.
std::string context_of(const Difference& first, const Golden& golden, const Trace& replay) {
  std::string out = "  expected\n";
  const auto at = std::ranges::find_if(golden.events, [&](const EventSpec& event) {
    return first.golden_line > 0 && event.line == first.golden_line;
  });
  if (at == golden.events.end()) out += "    (nothing here)\n";
  const auto place = static_cast<std::size_t>(at - golden.events.begin());
  for (std::size_t i = place < context_events ? 0 : place - context_events;
       at != golden.events.end() && i < std::min(golden.events.size(), place + context_events); ++i) {
    const EventSpec& event = golden.events[i];
    out += fmt::format("  {} {}\n", i == place ? ">" : " ",
                       head_of(event.step, event.actor, event.direction, event.frame));
  }
  out += "  got\n";
  int line = 5 + static_cast<int>(replay.meta.size());
  std::vector<std::pair<int, std::string>> heads;
  for (const Event& event : replay.events) {
    heads.emplace_back(line, head_of(event.step, event.actor, event.direction, event.frame));
    line += 1 + static_cast<int>(event.leaves.size());
  }
  const auto got = std::ranges::find(heads, first.replay_line, &std::pair<int, std::string>::first);
  if (got == heads.end()) return out + "    (nothing here)\n";
  const auto index = static_cast<std::size_t>(got - heads.begin());
  for (std::size_t i = index < context_events ? 0 : index - context_events;
       i < std::min(heads.size(), index + context_events); ++i) {
    out += fmt::format("  {} {}\n", i == index ? ">" : " ", heads[i].second);
  }
  return out;
}

}  // namespace

std::string_view name_of(VerdictKind kind) {
  constexpr std::array<std::string_view, 7> names{"PASS",        "DIFFERS", "CRASH", "TIMEOUT",
                                                  "UNSUPPORTED", "NOT-RUN", "FLAKY"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(DifferenceKind kind) {
  constexpr std::array<std::string_view, 3> names{"frame", "field", "bytes"};
  return names[static_cast<std::size_t>(kind)];
}

std::string line_of(const Difference& difference) {
  std::string out = head_of(difference.step, difference.actor, difference.direction, difference.frame);
  if (!difference.path.empty()) out += ' ' + difference.path;
  out += ": ";
  if (difference.what == "moved") {
    out += fmt::format("expected at {}, got at {}", difference.expected, difference.actual);
  } else if (difference.what == "missing") {
    out += difference.expected.empty() ? "missing"
                                       : fmt::format("missing, expected {}", shortened(difference.expected));
  } else if (difference.what == "extra") {
    out += difference.actual.empty() ? "extra" : fmt::format("extra, got {}", shortened(difference.actual));
  } else if (difference.what == "order") {
    out += "other order";
  } else {
    out += fmt::format("expected {}, got {}", shortened(difference.expected), shortened(difference.actual));
  }
  if (!difference.hint.empty()) out += fmt::format(" ({})", difference.hint);
  return out;
}

std::string to_human(const Verdict& verdict, const Golden& golden, const Trace& replay) {
  std::string out = fmt::format("{} {}", name_of(verdict.kind), golden.scenario);
  if (!verdict.reason.empty()) out += ": " + verdict.reason;
  out += '\n';
  if (const Difference* first = verdict.first()) {
    out += fmt::format("first divergence, golden line {}, replay line {}:\n  {}\n", first->golden_line,
                       first->replay_line, line_of(*first));
    out += context_of(*first, golden, replay);
  }
  DifferenceKind kind = DifferenceKind::frame;
  bool titled = false;
  for (const Difference& difference : verdict.differences) {
    if (!titled || difference.kind != kind) out += fmt::format("{}:\n", name_of(difference.kind));
    titled = true;
    kind = difference.kind;
    out += fmt::format("{} {}\n", difference.first ? "*" : " ", line_of(difference));
  }
  return out;
}

std::string to_json(const Verdict& verdict) {
  std::string out = fmt::format("{{{}, {}, \"differences_total\": {}, \"differences\": [",
                                text_field("verdict", name_of(verdict.kind)),
                                text_field("reason", verdict.reason), verdict.differences.size());
  for (std::size_t i = 0; i < verdict.differences.size(); ++i) {
    out += fmt::format("{}\n  {}", i == 0 ? "" : ",", json_of(verdict.differences[i]));
  }
  return out + "]}\n";
}

}  // namespace natstwin::trace
