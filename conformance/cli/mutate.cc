// natstwin mutate: does the harness see what is wrong? Each mutant of the reference's answers is played
// in a few scenarios and must not pass. Survivors are a work list.
#include <fmt/core.h>

#include <cstdio>
#include <mutex>

#include "conformance/cli/commands.h"
#include "conformance/cli/files.h"
#include "conformance/cli/judge.h"
#include "conformance/cli/session.h"
#include "conformance/mutate/campaign.h"

namespace natstwin::cli {
namespace {

constexpr double score_needed = 0.95;

std::vector<mutate::Subject> subjects_of(const std::vector<script::Script>& scripts,
                                         const std::string& folder) {
  std::vector<mutate::Subject> subjects;
  for (const auto& script : scripts) {
    if (auto golden = golden_of(script, folder)) subjects.push_back({&script, std::move(*golden)});
  }
  return subjects;
}

std::expected<std::vector<mutate::Mutant>, std::string> chosen(const Options& options) {
  const auto names = options.all("mutant");
  std::vector<mutate::Mutant> mutants;
  for (const auto& name : names) {
    const auto* mutant = mutate::find_mutant(name);
    if (mutant == nullptr) return std::unexpected(fmt::format("no mutant '{}'; see --list", name));
    mutants.push_back(*mutant);
  }
  if (names.empty()) mutants.assign(mutate::mutants().begin(), mutate::mutants().end());
  return mutants;
}

int list_mutants() {
  for (const auto& mutant : mutate::mutants()) {
    fmt::print("{:<22} {:<5} {}\n", mutant.name, mutant.on, mutant.what);
  }
  return 0;
}

void print_survivors(const std::vector<expect::MutantEvidence>& evidence) {
  for (const auto& mutant : evidence) {
    if (mutant.runs.empty()) fmt::print("not applied: {} ({})\n", mutant.name, mutant.what);
    for (const auto& run : mutant.runs) {
      if (!run.caught) fmt::print("survivor: {} ({}) in {}\n", mutant.name, mutant.what, run.scenario);
    }
  }
}

// Into the evidence of a replay, where there is one; and always into a file of its own.
std::expected<void, std::string> write_results(const std::string& out, const std::string& json) {
  if (auto written = write_text(out + "/mutation.json", json); !written) return written;
  const std::string path = out + "/evidence.json";
  const auto evidence = read_text(path);
  if (!evidence) return {};
  const auto more = expect::with_key(*evidence, "mutation", json);
  if (!more) return std::unexpected(path + ": " + more.error());
  return write_text(path, *more);
}

}  // namespace

int run_mutate(const Arguments& arguments) {
  const auto options = Options::parse(arguments,
                                      {"server", "mutant", "per-mutant", "jobs", "seed", "out", "scenarios",
                                       "golden", "tag", "skip-tag", "agent"},
                                      {"list"});
  if (!options) return fail("mutate", options.error());
  if (options->has("list")) return list_mutants();
  const auto per_mutant = options->number("per-mutant", 3);
  const auto jobs = options->number("jobs", 4);
  const auto seed = options->number("seed", 1);
  for (const auto* number : {&per_mutant, &jobs, &seed}) {
    if (!*number) return fail("mutate", number->error());
  }
  const auto mutants = chosen(*options);
  if (!mutants) return fail("mutate", mutants.error());
  const auto scripts = open_scripts(*options);
  if (!scripts) return fail("mutate", scripts.error());
  const auto agent = open_agent(*options);
  if (!agent) return fail("mutate", agent.error());
  const auto binary = open_binary(options->get("server"), **agent);
  if (!binary) return fail("mutate", binary.error());
  const auto subjects = subjects_of(*scripts, options->get("golden", "golden"));
  if (subjects.empty()) return fail("mutate", "no scenario has a golden");

  runner::PlayOptions play;
  play.binary = binary->path;
  play.version = binary->version;
  play.fixtures = fixtures_of(*options);
  const mutate::CampaignOptions campaign{static_cast<int>(*per_mutant), static_cast<int>(*jobs),
                                         static_cast<std::uint64_t>(*seed)};
  std::mutex output;
  const auto evidence = mutate::run_campaign(
      *mutants, subjects, play, campaign, **agent,
      [&](const mutate::Mutant& mutant, const expect::MutantRun& run) {
        const std::lock_guard lock(output);
        fmt::print("{} {} in {}: {}\n", run.caught ? "caught  " : "SURVIVED", mutant.name, run.scenario,
                   run.difference.empty() ? "no difference" : run.difference);
        std::fflush(stdout);
      });
  print_survivors(evidence);
  const auto score = expect::score_of(evidence);
  const double share =
      score.applied == 0 ? 0 : static_cast<double>(score.caught) / static_cast<double>(score.applied);
  fmt::print("{} mutants, applied in {} runs, caught in {}: mutation score {:.1f}%\n", mutants->size(),
             score.applied, score.caught, share * 100);
  if (auto written = write_results(options->get("out", "out"), expect::mutation_json(evidence)); !written) {
    return fail("mutate", written.error());
  }
  return share >= score_needed ? 0 : 1;
}

}  // namespace natstwin::cli
