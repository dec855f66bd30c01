// All mutants against the scenarios that could show them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "conformance/agent/agent.h"
#include "conformance/expect/evidence_file.h"
#include "conformance/mutate/mutants.h"
#include "conformance/runner/play.h"
#include "conformance/script/script.h"
#include "conformance/trace/golden.h"

namespace natstwin::mutate {

struct Subject {
  const script::Script* script = nullptr;
  trace::Golden golden;
};

struct CampaignOptions {
  int scenarios_per_mutant = 3;
  int jobs = 4;
  std::uint64_t seed = 1;
};

// One run of one mutant: its scenario and what the comparison said.
using OnRun = std::function<void(const Mutant&, const expect::MutantRun&)>;

// Scenarios whose golden holds a frame that the mutant could change, spread over all of them.
std::vector<const Subject*> suitable_for(const Mutant& mutant, std::span<const Subject> subjects, int count);

// A mutant is tried until it was applied in `scenarios_per_mutant` scenarios.
std::vector<expect::MutantEvidence> run_campaign(std::span<const Mutant> mutants,
                                                 std::span<const Subject> subjects,
                                                 const runner::PlayOptions& play,
                                                 const CampaignOptions& options, agent::Agent& agent,
                                                 const OnRun& on_run);

}  // namespace natstwin::mutate
