#include "conformance/mutate/campaign.h"

#include <algorithm>

#include "conformance/mutate/mutating_tap.h"
#include "conformance/runner/batch.h"
#include "conformance/trace/compare.h"

namespace natstwin::mutate {

namespace {

// FNV-1a: the same choices on every machine.
std::uint64_t hash_of(std::string_view a, std::string_view b, std::uint64_t seed) {
  std::uint64_t hash = 14695981039346656037u ^ seed;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  };
  add(a);
  add("/");
  add(b);
  return hash ^ (hash >> 29);
}

bool could_change(const Mutant& mutant, const trace::EventSpec& event) {
  using trace::Direction;
  if (mutant.on == "HTTP") return event.direction == Direction::state && event.frame.starts_with("GET ");
  if (mutant.fate == FrameFate::no_close)
    return event.direction == Direction::lifecycle && event.frame == "CLOSED";
  if (event.direction != Direction::received) return false;
  return mutant.on == "*" ? event.frame != "INFO" : event.frame == mutant.on;
}

std::size_t places_in(const Mutant& mutant, const trace::Golden& golden) {
  return static_cast<std::size_t>(std::ranges::count_if(
      golden.events, [&](const trace::EventSpec& event) { return could_change(mutant, event); }));
}

expect::MutantRun run_one(const Mutant& mutant, const Subject& subject, runner::PlayOptions play,
                          std::uint64_t seed, agent::Agent& agent) {
  const std::uint64_t choice = hash_of(mutant.name, subject.script->name, seed);
  const std::size_t places = std::max<std::size_t>(places_in(mutant, subject.golden), 1);
  // One of the first frames that would do; later ones may not come when the run takes another course.
  const auto mutation =
      std::make_shared<Mutation>(mutant, choice >> 8, choice % std::min<std::size_t>(places, 3));
  play.tap = mutating_taps(mutation);
  play.seed = seed;
  expect::MutantRun run{.scenario = subject.script->name};
  const auto played = runner::play(*subject.script, play, agent);
  if (!played || !mutation->applied()) return run;
  run.applied = 1;
  const trace::Verdict verdict = trace::compare(subject.golden, played->trace);
  run.caught = verdict.kind != trace::VerdictKind::pass;
  const trace::Difference* first = verdict.first();
  run.difference = first != nullptr ? trace::line_of(*first) : verdict.reason;
  return run;
}

}  // namespace

std::vector<const Subject*> suitable_for(const Mutant& mutant, std::span<const Subject> subjects, int count) {
  std::vector<const Subject*> fitting;
  for (const Subject& subject : subjects) {
    if (places_in(mutant, subject.golden) > 0) fitting.push_back(&subject);
  }
  std::ranges::stable_sort(
      fitting, {}, [&](const Subject* subject) { return hash_of(mutant.name, subject->script->name, 0); });
  if (fitting.size() > static_cast<std::size_t>(count)) fitting.resize(static_cast<std::size_t>(count));
  return fitting;
}

std::vector<expect::MutantEvidence> run_campaign(std::span<const Mutant> mutants,
                                                 std::span<const Subject> subjects,
                                                 const runner::PlayOptions& play,
                                                 const CampaignOptions& options, agent::Agent& agent,
                                                 const OnRun& on_run) {
  // Not every frame lends itself to every mutant, so more scenarios are at hand than are needed.
  constexpr int spare = 4;
  std::vector<expect::MutantEvidence> evidence(mutants.size());
  runner::for_each_parallel(mutants.size(), options.jobs, [&](std::size_t i) {
    const Mutant& mutant = mutants[i];
    evidence[i] = {std::string(mutant.name), std::string(mutant.what), {}};
    int applied = 0;
    for (const Subject* subject : suitable_for(mutant, subjects, options.scenarios_per_mutant * spare)) {
      if (applied == options.scenarios_per_mutant) break;
      expect::MutantRun run = run_one(mutant, *subject, play, options.seed, agent);
      if (run.applied == 0) continue;
      ++applied;
      on_run(mutant, run);
      evidence[i].runs.push_back(std::move(run));
    }
  });
  return evidence;
}

}  // namespace natstwin::mutate
