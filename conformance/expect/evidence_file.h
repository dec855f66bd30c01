// out/evidence.json, from which everything published is generated. docs/verdicts.md is its schema.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "conformance/expect/expected_list.h"
#include "conformance/expect/ratchet.h"
#include "conformance/trace/compare.h"
#include "conformance/trace/golden.h"

namespace natstwin::expect {

struct ScenarioEvidence {
  std::string name;  // area/name
  trace::Verdict verdict;
  std::string expected_reason;  // of the expected list; empty if the difference is not on it
  std::vector<std::string> proves;
  double seconds = 0;
  trace::LeafCounts leaves;
  std::string script;  // paths, relative to the root of the project
  std::string golden;
  std::string replay;
};

struct Totals {
  std::map<std::string, std::size_t> verdicts;
  std::size_t scenarios = 0;
  std::size_t expected = 0;
};

struct ControlEvidence {
  std::string label;
  std::string version;
  Totals totals;
  std::vector<std::string> unexpected;
};

struct MutantRun {
  std::string scenario;
  std::size_t applied = 0;  // how often the mutant had something to change
  bool caught = false;
  std::string difference;
};

struct MutantEvidence {
  std::string name;
  std::string what;
  std::vector<MutantRun> runs;
};

struct Evidence {
  std::string reference;
  std::string candidate_label;
  std::string candidate_version;
  std::string started;
  double seconds = 0;
  std::vector<ScenarioEvidence> scenarios;
  std::string expected_file;
  std::vector<Problem> problems;
  std::string ratchet_file;
  RatchetResult ratchet;
  std::vector<ControlEvidence> controls;
  std::vector<MutantEvidence> mutants;
};

Totals totals_of(const std::vector<ScenarioEvidence>& scenarios);
// Rows named by a scenario that passes.
Rows proven_rows(const std::vector<ScenarioEvidence>& scenarios);
std::string to_json(const Evidence& evidence);

// Runs in which a mutant was applied, and those of them that did not pass. score = caught / applied.
struct MutationScore {
  std::size_t applied = 0;
  std::size_t caught = 0;
};
MutationScore score_of(const std::vector<MutantEvidence>& mutants);
std::string mutation_json(const std::vector<MutantEvidence>& mutants);
std::string control_json(const ControlEvidence& control);

// Sets one key of an evidence file that exists: commands that run after the replay add what they
// measured. The error tells why the text is no evidence.
std::expected<std::string, std::string> with_key(const std::string& evidence, const std::string& key,
                                                 const std::string& json);
// Adds or replaces the control of that label.
std::expected<std::string, std::string> with_control(const std::string& evidence,
                                                     const ControlEvidence& control);

}  // namespace natstwin::expect
