// Plays a scenario on a candidate and judges it by its golden.
#pragma once

#include <expected>
#include <string>

#include "conformance/cli/session.h"
#include "conformance/expect/evidence_file.h"
#include "conformance/runner/play.h"
#include "conformance/script/script.h"
#include "conformance/trace/golden.h"

namespace natstwin::cli {

struct JudgeOptions {
  std::string golden_folder;
  std::string replay_folder;  // where traces go
  int retries = 1;            // of replays that do not pass: FLAKY shows itself
};

// The golden of a script; the error says that there is none, or that the script has changed since.
std::expected<trace::Golden, std::string> golden_of(const script::Script& script, const std::string& folder);

// The error is the harness's own.
std::expected<expect::ScenarioEvidence, std::string> judge(const script::Script& script,
                                                           const JudgeOptions& options,
                                                           const runner::PlayOptions& play,
                                                           agent::Agent& agent);

}  // namespace natstwin::cli
