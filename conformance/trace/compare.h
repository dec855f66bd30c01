// A verdict on one replay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/golden.h"
#include "conformance/trace/trace.h"

namespace natstwin::trace {

enum class VerdictKind : std::uint8_t { pass, differs, crash, timeout, unsupported, not_run, flaky };
std::string_view name_of(VerdictKind kind);  // "PASS", "NOT-RUN", ...

enum class DifferenceKind : std::uint8_t { frame, field, bytes };
std::string_view name_of(DifferenceKind kind);

struct Difference {
  DifferenceKind kind = DifferenceKind::frame;
  std::string what;      // missing, extra, moved, type, order, value, binding
  bool first = false;    // the earliest in the order of the trace
  std::size_t rank = 0;  // in that order, from 0
  int step = 0;
  std::string actor;
  Direction direction = Direction::received;
  std::string frame;
  std::string path;
  std::string expected;
  std::string actual;
  std::string hint;  // why, where `expected` does not say it by itself
  int golden_line = 0;
  int replay_line = 0;
};
// The difference in one line, as expected lists name it.
std::string line_of(const Difference& difference);

struct Verdict {
  VerdictKind kind = VerdictKind::pass;
  std::string reason;
  // Frames first, then fields, then bytes; within a kind in the order of the trace.
  std::vector<Difference> differences;

  const Difference* first() const;
};

Verdict compare(const Golden& golden, const Trace& replay);
// The verdict of repeated replays of one binary: FLAKY where they disagree.
Verdict combine(std::span<const Verdict> verdicts);

// For people: the verdict, the first divergence with its surroundings, then the list.
std::string to_human(const Verdict& verdict, const Golden& golden, const Trace& replay);
std::string to_json(const Verdict& verdict);

}  // namespace natstwin::trace
