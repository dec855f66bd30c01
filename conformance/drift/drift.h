// What changed between two servers, seen through all scenarios: equal differences are told once, with
// the scenarios that show them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "conformance/trace/compare.h"

namespace natstwin::drift {

struct Compared {
  std::string scenario;
  trace::Verdict verdict;  // of the second server by what the first did
};

struct Change {
  trace::DifferenceKind kind = trace::DifferenceKind::frame;
  std::string what;
  std::string place;  // "< INFO json.max_payload", without step and actor
  std::string before;
  std::string after;
  std::vector<std::string> scenarios;
};

struct Report {
  std::string from;  // versions
  std::string to;
  std::size_t scenarios = 0;
  std::size_t same = 0;
  std::vector<Change> changes;       // frames, fields, bytes; the most seen first
  std::vector<Compared> unfinished;  // CRASH, TIMEOUT, UNSUPPORTED, NOT-RUN, FLAKY
};

Report make_report(std::string from, std::string to, std::span<const Compared> compared);
std::string to_text(const Report& report);
std::string to_html(const Report& report);

}  // namespace natstwin::drift
