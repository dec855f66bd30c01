// trace-diff A B: what differs between two traces. Each may be a golden or a raw trace.
//
// Exit code 0: nothing, 1: something, 2: a file could not be read.
#include <fmt/core.h>

#include <cstdio>
#include <expected>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conformance/trace/compare.h"
#include "conformance/trace/golden.h"
#include "conformance/trace/json_text.h"
#include "conformance/trace/lines.h"

namespace natstwin::trace {

namespace {

constexpr std::string_view usage =
    "usage: trace-diff [--json] A B\n"
    "  A, B  goldens or raw traces. A golden judges a trace. Of two raw traces the first is the\n"
    "        model: names, times and ports may differ. Two goldens are compared as texts.\n";

using Side = std::variant<Golden, Trace>;

std::expected<Side, std::string> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(fmt::format("{}: cannot be read", path));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (text.starts_with("natstwin golden")) {
    auto golden = golden_from_text(text);
    if (!golden) return std::unexpected(fmt::format("{}: {}", path, golden.error()));
    return std::move(*golden);
  }
  auto trace = from_text(text);
  if (!trace) return std::unexpected(fmt::format("{}: {}", path, trace.error()));
  return std::move(*trace);
}

// Goldens are compared as what they would print, so any change of class or bound shows.
Verdict compare_goldens(const Golden& a, const Golden& b) {
  Trace as_trace{.scenario = b.scenario, .script_hash = b.script_hash, .server = b.reference};
  Golden as_golden{.scenario = a.scenario, .script_hash = a.script_hash, .reference = a.reference};
  const auto literal = [](std::string text) { return Pattern{Part{.literal = std::move(text)}}; };
  const auto leaves_of = [](const EventSpec& event) {
    // The text of one event, a line a leaf.
    std::vector<Leaf> leaves;
    const std::string text = to_text(Golden{.events = {event}});
    LineReader lines(text);
    while (const auto line = lines.next()) {
      if (!line->starts_with("  ")) continue;
      std::string_view rest = line->substr(2);
      auto path = take_word(rest);
      leaves.push_back({path ? *path : "", std::string(rest.substr(rest.empty() ? 0 : 1))});
    }
    return leaves;
  };
  for (const EventSpec& event : a.events) {
    EventSpec spec = event;
    spec.sets.clear();
    spec.leaves.clear();
    spec.optional = false;
    for (Leaf& leaf : leaves_of(event)) spec.leaves.push_back({leaf.path, literal(std::move(leaf.value))});
    as_golden.events.push_back(std::move(spec));
  }
  for (const EventSpec& event : b.events) {
    as_trace.events.push_back({event.step, event.actor, event.direction, event.frame, leaves_of(event)});
  }
  as_golden.log_levels = {"DBG", "TRC"};
  return compare(as_golden, as_trace);
}

struct Result {
  Verdict verdict;
  Golden golden;
  Trace trace;
};

std::expected<Result, std::string> diff(Side a, Side b) {
  if (std::holds_alternative<Golden>(a) && std::holds_alternative<Golden>(b)) {
    Result result{.golden = std::get<Golden>(a)};
    result.verdict = compare_goldens(result.golden, std::get<Golden>(b));
    return result;
  }
  if (std::holds_alternative<Golden>(b)) std::swap(a, b);
  Result result{.trace = std::get<Trace>(b)};
  if (std::holds_alternative<Golden>(a)) {
    result.golden = std::get<Golden>(a);
  } else {
    const Trace& model = std::get<Trace>(a);
    auto provisional = make_provisional_golden(model);
    if (!provisional) return std::unexpected(provisional.error());
    // Through its text, so that it has line numbers.
    auto golden = golden_from_text(to_text(*provisional));
    if (!golden) return std::unexpected(golden.error());
    result.golden = std::move(*golden);
  }
  result.verdict = compare(result.golden, result.trace);
  return result;
}

int fail(std::string_view reason) {
  fmt::print(stderr, "trace-diff: {}\n", reason);
  return 2;
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  bool json = false;
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      fmt::print("{}", usage);
      return 0;
    }
    if (argument == "--json") {
      json = true;
    } else if (argument.starts_with("--")) {
      return fail(fmt::format("no option {}\n{}", argument, usage));
    } else {
      files.push_back(argument);
    }
  }
  if (files.size() != 2) return fail(fmt::format("two files are needed\n{}", usage));
  auto a = load(files[0]);
  if (!a) return fail(a.error());
  auto b = load(files[1]);
  if (!b) return fail(b.error());
  const auto result = diff(std::move(*a), std::move(*b));
  if (!result) return fail(result.error());
  fmt::print("{}",
             json ? to_json(result->verdict) : to_human(result->verdict, result->golden, result->trace));
  return result->verdict.kind == VerdictKind::pass ? 0 : 1;
}

}  // namespace natstwin::trace

int main(int argc, char** argv) { return natstwin::trace::run({argv + 1, argv + argc}); }
