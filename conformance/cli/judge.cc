#include "conformance/cli/judge.h"

#include <chrono>

#include "conformance/cli/files.h"

namespace natstwin::cli {
namespace {

std::string golden_path(const script::Script& script, const std::string& folder) {
  return folder + "/" + script.name + ".trace";
}

}  // namespace

std::expected<trace::Golden, std::string> golden_of(const script::Script& script, const std::string& folder) {
  const std::string path = golden_path(script, folder);
  const auto text = read_text(path);
  if (!text) return std::unexpected("no golden: natstwin record '" + script.name + "'");
  auto golden = trace::golden_from_text(*text);
  if (!golden) return std::unexpected(path + ": " + golden.error());
  if (golden->script_hash != script.hash) {
    return std::unexpected("the script is not the one that was recorded: natstwin record '" + script.name +
                           "'");
  }
  return golden;
}

std::expected<expect::ScenarioEvidence, std::string> judge(const script::Script& script,
                                                           const JudgeOptions& options,
                                                           const runner::PlayOptions& play,
                                                           agent::Agent& agent) {
  expect::ScenarioEvidence evidence;
  evidence.name = script.name;
  evidence.proves = script.proves;
  evidence.script = script.path;
  const auto golden = golden_of(script, options.golden_folder);
  if (!golden) {
    evidence.verdict = {trace::VerdictKind::not_run, golden.error(), {}};
    return evidence;
  }
  evidence.golden = golden_path(script, options.golden_folder);
  evidence.replay = options.replay_folder + "/" + script.name + ".trace";
  evidence.leaves = trace::count_leaves(*golden);

  const auto started = std::chrono::steady_clock::now();
  std::vector<trace::Verdict> verdicts;
  runner::PlayOptions attempt = play;
  for (int i = 0; i <= options.retries; ++i, attempt.seed += 15485863) {
    const auto played = runner::play(script, attempt, agent);
    if (!played) return std::unexpected(played.error());
    verdicts.push_back(trace::compare(*golden, played->trace));
    if (i == 0 || verdicts.back().kind != trace::VerdictKind::pass) {
      if (auto written = write_text(evidence.replay, trace::to_text(played->trace)); !written)
        return std::unexpected(written.error());
    }
    if (verdicts.back().kind == trace::VerdictKind::pass ||
        verdicts.back().kind == trace::VerdictKind::not_run)
      break;
  }
  evidence.verdict = trace::combine(verdicts);
  evidence.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return evidence;
}

}  // namespace natstwin::cli
