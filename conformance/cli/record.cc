// natstwin record: plays scenarios several times on the reference and writes what the recordings have
// in common as goldens. A golden that the next run of the reference does not fit is not written:
// that run joins the recordings, and it is tried again.
#include <fmt/core.h>

#include <atomic>
#include <cstdio>
#include <mutex>

#include "conformance/cli/commands.h"
#include "conformance/cli/files.h"
#include "conformance/cli/session.h"
#include "conformance/runner/batch.h"
#include "conformance/trace/compare.h"
#include "conformance/trace/golden.h"
#include "conformance/trace/raw_recordings.h"

namespace natstwin::cli {
namespace {

constexpr long runs_default = 5;
constexpr int more_recordings_max = 5;
constexpr int fitting_runs_needed = 2;

class Recorder {
 public:
  Recorder(agent::Agent& agent, Binary binary, const Options& options, long runs, std::uint64_t seed)
      : agent_(agent), binary_(std::move(binary)), options_(options), runs_(runs), seed_(seed) {}

  // A line for people; the error is one too.
  std::expected<std::string, std::string> record(const script::Script& script) {
    std::vector<trace::Trace> recordings;
    for (long run = 0; run < runs_; ++run) {
      auto trace = play(script, run, true);
      if (!trace) return std::unexpected(trace.error());
      recordings.push_back(std::move(*trace));
    }
    const auto golden = settle(script, recordings);
    if (!golden) return std::unexpected(golden.error());
    const std::string path = options_.get("golden", "golden") + "/" + script.name;
    if (auto written = write_text(path + ".trace", trace::to_text(*golden)); !written)
      return std::unexpected(written.error());
    const auto packed = trace::pack_recordings(recordings);
    if (auto written = write_text(path + ".recordings.gz", packed); !written)
      return std::unexpected(written.error());
    const auto counts = trace::count_leaves(*golden);
    return fmt::format("{} events, {} recordings, leaves: {} exact, {} renamed, {} bounded, {} free",
                       golden->events.size(), recordings.size(), counts.exact, counts.renamed, counts.bounded,
                       counts.free);
  }

 private:
  std::expected<trace::Trace, std::string> play(const script::Script& script, long run, bool disturbed) {
    runner::PlayOptions play;
    play.binary = binary_.path;
    play.version = binary_.version;
    play.fixtures = fixtures_of(options_);
    play.seed = seed_ + static_cast<std::uint64_t>(run) * 104729 + 1;
    play.jitter = disturbed;
    play.load = disturbed && run % 2 == 1;
    auto played = runner::play(script, play, agent_);
    if (!played) return std::unexpected(played.error());
    if (played->outcome != runner::Outcome::completed) {
      return std::unexpected(fmt::format("{}:{}: the reference does not get through: {}: {}", script.path,
                                         played->line, name_of(played->outcome), played->reason));
    }
    return std::move(played->trace);
  }

  std::expected<trace::Golden, std::string> settle(const script::Script& script,
                                                   std::vector<trace::Trace>& recordings) {
    auto golden = trace::make_golden(recordings);
    int fitting = 0;
    for (int more = 0; golden && fitting < fitting_runs_needed; ++more) {
      auto next = play(script, runs_ + more, more % 2 == 1);
      if (!next) return std::unexpected(next.error());
      const auto verdict = trace::compare(*golden, *next);
      if (verdict.kind == trace::VerdictKind::pass) {
        ++fitting;
        continue;
      }
      if (more == more_recordings_max) {
        const auto* first = verdict.first();
        return std::unexpected("the reference does not fit its own golden: " +
                               (first == nullptr ? verdict.reason : line_of(*first)));
      }
      fitting = 0;
      recordings.push_back(std::move(*next));
      golden = trace::make_golden(recordings);
    }
    return golden;
  }

  agent::Agent& agent_;
  Binary binary_;
  const Options& options_;
  long runs_;
  std::uint64_t seed_;
};

}  // namespace

int run_record(const Arguments& arguments) {
  const auto options = Options::parse(
      arguments, {"server", "runs", "jobs", "seed", "scenarios", "golden", "tag", "skip-tag", "agent"}, {});
  if (!options) return fail("record", options.error());
  const auto runs = options->number("runs", runs_default);
  const auto jobs = options->number("jobs", 3);
  const auto seed = options->number("seed", 1);
  for (const auto* number : {&runs, &jobs, &seed}) {
    if (!*number) return fail("record", number->error());
  }
  if (*runs < static_cast<long>(trace::recordings_min))
    return fail("record", fmt::format("--runs is at least {}", trace::recordings_min));
  const auto scripts = open_scripts(*options);
  if (!scripts) return fail("record", scripts.error());
  const auto agent = open_agent(*options);
  if (!agent) return fail("record", agent.error());
  auto binary = open_binary(options->get("server"), **agent);
  if (!binary) return fail("record", binary.error());

  Recorder recorder(**agent, std::move(*binary), *options, *runs, static_cast<std::uint64_t>(*seed));
  std::mutex output;
  std::atomic<std::size_t> failed = 0;
  runner::for_each_parallel(scripts->size(), static_cast<int>(*jobs), [&](std::size_t i) {
    const auto recorded = recorder.record((*scripts)[i]);
    if (!recorded) ++failed;
    const std::lock_guard lock(output);
    std::printf("%s %s: %s\n", recorded ? "recorded" : "FAILED  ", (*scripts)[i].name.c_str(),
                recorded ? recorded->c_str() : recorded.error().c_str());
    std::fflush(stdout);
  });
  std::printf("%zu scenarios recorded, %zu failed\n", scripts->size() - failed, failed.load());
  return failed == 0 ? 0 : 1;
}

}  // namespace natstwin::cli
