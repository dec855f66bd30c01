// natstwin drift A B: what changed from one server to another, as a page. A is recorded (or its goldens
// are taken, where they are of its version), B is replayed.
#include <fmt/core.h>

#include <cstdio>
#include <mutex>

#include "conformance/cli/commands.h"
#include "conformance/cli/files.h"
#include "conformance/cli/judge.h"
#include "conformance/cli/session.h"
#include "conformance/drift/drift.h"
#include "conformance/runner/batch.h"
#include "conformance/trace/golden.h"

namespace natstwin::cli {
namespace {

constexpr int replays_max = 3;

class Drift {
 public:
  Drift(const Options& options, Binary before, Binary after, std::uint64_t seed, agent::Agent& agent)
      : options_(options), before_(std::move(before)), after_(std::move(after)), seed_(seed), agent_(agent) {}

  drift::Compared compare(const script::Script& script) {
    const auto golden = golden_of_first(script);
    if (!golden) return {script.name, {trace::VerdictKind::not_run, golden.error(), {}}};
    std::vector<trace::Verdict> verdicts;
    while (verdicts.size() < replays_max) {
      const auto played = play(script, after_, 1000 + verdicts.size());
      if (!played) return {script.name, {trace::VerdictKind::not_run, played.error(), {}}};
      verdicts.push_back(trace::compare(*golden, *played));
      // What passes once in spite of chance is the same.
      if (verdicts.back().kind == trace::VerdictKind::pass) return {script.name, verdicts.back()};
    }
    return {script.name, trace::combine(verdicts)};
  }

  const Binary& before() const { return before_; }
  const Binary& after() const { return after_; }

 private:
  std::expected<trace::Trace, std::string> play(const script::Script& script, const Binary& binary,
                                                std::uint64_t run) {
    runner::PlayOptions play;
    play.binary = binary.path;
    play.version = binary.version;
    play.fixtures = fixtures_of(options_);
    play.seed = seed_ + run * 104729;
    play.jitter = run < trace::recordings_min;
    auto played = runner::play(script, play, agent_);
    if (!played) return std::unexpected(played.error());
    return std::move(played->trace);
  }

  std::expected<trace::Golden, std::string> golden_of_first(const script::Script& script) {
    auto kept = golden_of(script, options_.get("golden", "golden"));
    if (kept && kept->reference == before_.version) return std::move(*kept);
    std::vector<trace::Trace> recordings;
    for (std::uint64_t run = 0; run < trace::recordings_min; ++run) {
      auto trace = play(script, before_, run);
      if (!trace) return std::unexpected(trace.error());
      recordings.push_back(std::move(*trace));
    }
    return trace::make_golden(recordings);
  }

  const Options& options_;
  Binary before_;
  Binary after_;
  std::uint64_t seed_;
  agent::Agent& agent_;
};

}  // namespace

int run_drift(const Arguments& arguments) {
  const auto options = Options::parse(
      arguments, {"from", "to", "out", "jobs", "seed", "scenarios", "golden", "tag", "skip-tag", "agent"},
      {});
  if (!options) return fail("drift", options.error());
  const auto jobs = options->number("jobs", 3);
  const auto seed = options->number("seed", 1);
  if (!jobs) return fail("drift", jobs.error());
  if (!seed) return fail("drift", seed.error());
  const auto scripts = open_scripts(*options);
  if (!scripts) return fail("drift", scripts.error());
  const auto agent = open_agent(*options);
  if (!agent) return fail("drift", agent.error());
  auto before = open_binary(options->get("from"), **agent);
  if (!before) return fail("drift", "--from: " + before.error());
  auto after = open_binary(options->get("to"), **agent);
  if (!after) return fail("drift", "--to: " + after.error());

  Drift drift(*options, std::move(*before), std::move(*after), static_cast<std::uint64_t>(*seed), **agent);
  std::vector<drift::Compared> compared(scripts->size());
  std::mutex output;
  runner::for_each_parallel(scripts->size(), static_cast<int>(*jobs), [&](std::size_t i) {
    compared[i] = drift.compare((*scripts)[i]);
    const std::lock_guard lock(output);
    fmt::print("{:<11} {}\n", name_of(compared[i].verdict.kind), compared[i].scenario);
    std::fflush(stdout);
  });
  const auto report = drift::make_report(drift.before().version, drift.after().version, compared);
  const std::string out = options->get("out", "out/drift");
  for (const auto& [name, text] : {std::pair(std::string("/drift.txt"), drift::to_text(report)),
                                   std::pair(std::string("/drift.html"), drift::to_html(report))}) {
    if (auto written = write_text(out + name, text); !written) return fail("drift", written.error());
  }
  fmt::print("{} scenarios, {} the same, {} changes, {} not comparable: {}/drift.html\n", report.scenarios,
             report.same, report.changes.size(), report.unfinished.size(), out);
  return report.changes.empty() && report.unfinished.empty() ? 0 : 1;
}

}  // namespace natstwin::cli
