// Differences that are known and reasoned: conformance/expect/<label>.txt. The list can only be right
// or fail the run: an entry that passes, matches nothing or differs otherwise than written is wrong.
// docs/verdicts.md describes the format.
#pragma once

#include <expected>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/compare.h"

namespace natstwin::expect {

// An entry for one scenario names its verdict and the first line that differs. An entry for "*" names a
// difference that is expected wherever it shows (another version in each INFO), without step and
// actor; it is set aside before the first line of a scenario is looked for.
struct Expectation {
  std::string scenario;
  // May end with "..." where chance decides how it goes on, and begin with MAYBE where it decides
  // whether there is a difference at all: for other releases only, never for a server that we answer for.
  std::string what;  // "DIFFERS @7 c1 < MSG payload: ...", "UNSUPPORTED A exited with code 89"
  std::string reason;
};
inline constexpr std::string_view everywhere = "*";

// Sorted, one entry for each scenario. The error says line and reason.
std::expected<std::vector<Expectation>, std::string> parse_expectations(std::string_view text);
std::string to_text(const Expectation& expectation);

// Times, random names and ports change from run to run: <id> stands for them.
std::string without_chance(std::string_view line);

// The verdict and its first line, with what changes from run to run as <id>.
std::string what_of(const trace::Verdict& verdict);

struct Judged {
  std::string scenario;
  const trace::Verdict* verdict = nullptr;
};

struct Problem {
  std::string scenario;
  std::string problem;
  std::string ready_edit;  // the line to add (+) or to remove (-), or both
};

struct Expected {
  std::map<std::string, std::string> reasons;  // of the scenarios whose differences are all expected
  std::vector<Problem> problems;
};

// `known` are all scenarios there are, so that a narrowed run does not call an entry stale; an entry
// for "*" can only be stale in a `whole` run.
Expected check_expectations(std::span<const Expectation> list, std::span<const Judged> judged,
                            const std::set<std::string>& known, bool whole);

// The list that would make `judged` right. Reasons are kept where an entry stays, else `reason`; what
// shows in several scenarios becomes an entry for "*".
std::vector<Expectation> propose_expectations(std::span<const Expectation> list,
                                              std::span<const Judged> judged, const std::string& reason);

}  // namespace natstwin::expect
