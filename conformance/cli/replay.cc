// natstwin replay: all goldens against one binary, then the lists of what was expected and what may not
// be lost. Writes OUT/replay/AREA/NAME.trace and OUT/evidence.json.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "conformance/cli/commands.h"
#include "conformance/cli/files.h"
#include "conformance/cli/judge.h"
#include "conformance/cli/session.h"
#include "conformance/expect/evidence_file.h"
#include "conformance/expect/expected_list.h"
#include "conformance/expect/ratchet.h"
#include "conformance/runner/batch.h"
#include "conformance/trace/compare.h"

namespace natstwin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view expect_folder = "conformance/expect";
constexpr std::string_view own_label = "natstwin";  // whose progress the ratchet keeps

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

class Replay {
 public:
  Replay(const Options& options, std::vector<script::Script> scripts, Binary binary)
      : options_(options), scripts_(std::move(scripts)), binary_(std::move(binary)) {
    evidence_.candidate_label = options.get("label", "other");
    evidence_.candidate_version = binary_.version;
    evidence_.started = utc_now();
    whole_ = options.operands().empty() && !options.has("shard") && !options.has("tag") &&
             !options.has("skip-tag");
  }

  // Plays everything; the error is the harness's own.
  std::expected<void, std::string> play(agent::Agent& agent, int jobs, int retries, std::uint64_t seed) {
    const JudgeOptions judging{options_.get("golden", "golden"), out() + "/replay", retries};
    runner::PlayOptions play;
    play.binary = binary_.path;
    play.version = binary_.version;
    play.fixtures = fixtures_of(options_);
    const auto started = std::chrono::steady_clock::now();
    std::mutex mutex;
    std::string failure;
    runner::for_each_parallel(scripts_.size(), jobs, [&](std::size_t i) {
      runner::PlayOptions own = play;
      own.seed = seed + i * 7919;
      auto judged = judge(scripts_[i], judging, own, agent);
      const std::lock_guard lock(mutex);
      if (!judged) {
        failure = judged.error();
        std::printf("%-11s %s: %s\n", "HARNESS", scripts_[i].name.c_str(), judged.error().c_str());
      } else {
        print_scenario(*judged);
        evidence_.scenarios.push_back(std::move(*judged));
      }
      std::fflush(stdout);
    });
    evidence_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    std::ranges::sort(evidence_.scenarios, {}, &expect::ScenarioEvidence::name);
    if (!failure.empty()) return std::unexpected(failure);
    return {};
  }

  std::expected<void, std::string> check_expected() {
    evidence_.expected_file = fmt::format("{}/{}.txt", expect_folder, evidence_.candidate_label);
    const auto text = read_text(evidence_.expected_file);
    const auto list = expect::parse_expectations(text ? *text : "");
    if (!list) return std::unexpected(evidence_.expected_file + ": " + list.error());
    const auto is_maybe = [](const expect::Expectation& entry) { return entry.what.starts_with("MAYBE "); };
    if (evidence_.candidate_label == own_label && std::ranges::any_of(*list, is_maybe)) {
      return std::unexpected(evidence_.expected_file + ": MAYBE is for other releases");
    }
    std::vector<expect::Judged> judged;
    for (const auto& scenario : evidence_.scenarios) judged.push_back({scenario.name, &scenario.verdict});
    if (options_.has("write-expected")) {
      if (!whole_) return std::unexpected("--write-expected needs a run of all scenarios");
      return write_expected(expect::propose_expectations(*list, judged, options_.get("write-expected")));
    }
    auto checked = expect::check_expectations(*list, judged, known_scenarios(), whole_);
    for (auto& scenario : evidence_.scenarios) {
      const auto reason = checked.reasons.find(scenario.name);
      if (reason != checked.reasons.end()) scenario.expected_reason = reason->second;
    }
    evidence_.problems = std::move(checked.problems);
    add_orphans();
    return {};
  }

  std::expected<void, std::string> check_ratchet(bool update) {
    if (evidence_.candidate_label != own_label) return {};
    evidence_.ratchet_file = fmt::format("{}/proven.txt", expect_folder);
    const auto text = read_text(evidence_.ratchet_file);
    const auto before = expect::parse_rows(text ? *text : "");
    const auto now = expect::proven_rows(evidence_.scenarios);
    expect::Rows tried;
    for (const auto& scenario : evidence_.scenarios)
      tried.insert(scenario.proves.begin(), scenario.proves.end());
    evidence_.ratchet = expect::check_proven(before, now, whole_ ? nullptr : &tried);
    if (!whole_) return {};
    return check_budget(update, now);
  }

  int report() {
    const auto totals = expect::totals_of(evidence_.scenarios);
    for (const auto& problem : evidence_.problems) {
      std::printf("%s: %s\n%s", problem.scenario.c_str(), problem.problem.c_str(),
                  problem.ready_edit.c_str());
      if (!problem.ready_edit.ends_with('\n')) std::printf("\n");
    }
    for (const auto& row : evidence_.ratchet.lost) std::printf("lost: %s was proven before\n", row.c_str());
    if (!evidence_.ratchet.gained.empty())
      std::printf("%zu rows more than before are proven\n", evidence_.ratchet.gained.size());
    if (!worse_.empty()) std::printf("mask budget: %s\n", worse_.c_str());
    trace::LeafCounts leaves;
    for (const auto& scenario : evidence_.scenarios) leaves += scenario.leaves;
    std::printf("leaves: %zu exact, %zu renamed, %zu bounded, %zu free\n", leaves.exact, leaves.renamed,
                leaves.bounded, leaves.free);
    std::printf("%zu scenarios in %.1f s:", totals.scenarios, evidence_.seconds);
    for (const auto& [verdict, count] : totals.verdicts) std::printf(" %zu %s", count, verdict.c_str());
    std::printf(", %zu expected, %zu rows proven\n", totals.expected,
                expect::proven_rows(evidence_.scenarios).size());
    return evidence_.problems.empty() && evidence_.ratchet.lost.empty() && worse_.empty() ? 0 : 1;
  }

  std::expected<void, std::string> write() {
    for (const auto& scenario : evidence_.scenarios) {
      const auto golden = read_text(scenario.golden);
      const auto parsed = golden ? trace::golden_from_text(*golden) : std::unexpected(golden.error());
      if (!parsed) continue;
      evidence_.reference = parsed->reference;
      break;
    }
    return write_text(out() + "/evidence.json", expect::to_json(evidence_));
  }

 private:
  std::string out() const { return options_.get("out", "out"); }

  static void print_scenario(const expect::ScenarioEvidence& scenario) {
    const auto* first = scenario.verdict.first();
    const std::string detail = first != nullptr ? line_of(*first) : scenario.verdict.reason;
    std::printf("%-11s %s%s%s\n", std::string(name_of(scenario.verdict.kind)).c_str(), scenario.name.c_str(),
                detail.empty() ? "" : ": ", detail.c_str());
  }

  std::set<std::string> known_scenarios() const {
    std::set<std::string> names;
    const fs::path root = options_.get("scenarios", "scenarios");
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
      if (entry.path().extension() == ".scn")
        names.insert(fs::relative(entry.path(), root).replace_extension().string());
    }
    return names;
  }

  std::expected<void, std::string> write_expected(const std::vector<expect::Expectation>& list) {
    std::string text =
        "# scenario | verdict and first line | reason; '*' is any scenario. See docs/verdicts.md.\n";
    for (const auto& entry : list) text += expect::to_text(entry) + '\n';
    return write_text(evidence_.expected_file, text);
  }

  // Goldens whose scenario is gone.
  void add_orphans() {
    if (!whole_) return;
    const auto known = known_scenarios();
    const fs::path root = options_.get("golden", "golden");
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
      if (entry.path().extension() != ".trace") continue;
      const std::string name = fs::relative(entry.path(), root).replace_extension().string();
      if (!known.contains(name))
        evidence_.problems.push_back(
            {name, "a golden without a scenario", "git rm " + entry.path().string()});
    }
  }

  std::expected<void, std::string> check_budget(bool update, const expect::Rows& now) {
    trace::LeafCounts leaves;
    for (const auto& scenario : evidence_.scenarios) leaves += scenario.leaves;
    const std::string path = fmt::format("{}/mask-budget.json", expect_folder);
    if (const auto text = read_text(path)) {
      const auto before = expect::parse_mask_budget(*text);
      if (!before) return std::unexpected(path + ": " + before.error());
      worse_ = expect::describe_worse(*before, expect::budget_of(leaves));
    }
    if (!update) return {};
    if (auto written = write_text(path, expect::to_json(expect::budget_of(leaves), leaves)); !written)
      return written;
    return write_text(evidence_.ratchet_file, expect::to_text(now));
  }

  const Options& options_;
  std::vector<script::Script> scripts_;
  Binary binary_;
  expect::Evidence evidence_;
  bool whole_ = false;
  std::string worse_;
};

}  // namespace

int run_replay(const Arguments& arguments) {
  const auto options = Options::parse(arguments,
                                      {"server", "label", "out", "jobs", "shard", "seed", "retries",
                                       "scenarios", "golden", "tag", "skip-tag", "agent", "write-expected"},
                                      {"update-ratchet"});
  if (!options) return fail("replay", options.error());
  const auto cores = static_cast<long>(std::max(1u, std::thread::hardware_concurrency()));
  const auto jobs = options->number("jobs", cores);
  const auto retries = options->number("retries", 1);
  const auto seed = options->number("seed", 1);
  for (const auto* number : {&jobs, &retries, &seed}) {
    if (!*number) return fail("replay", number->error());
  }
  const auto shard = runner::parse_shard(options->get("shard", "1/1"));
  if (!shard) return fail("replay", shard.error());
  auto scripts = open_scripts(*options);
  if (!scripts) return fail("replay", scripts.error());
  const auto agent = open_agent(*options);
  if (!agent) return fail("replay", agent.error());
  auto binary = open_binary(options->get("server"), **agent);
  if (!binary) return fail("replay", binary.error());

  Replay replay(*options, runner::take_shard(std::move(*scripts), *shard), std::move(*binary));
  const auto played = replay.play(**agent, static_cast<int>(*jobs), static_cast<int>(*retries),
                                  static_cast<std::uint64_t>(*seed));
  if (!played) return fail("replay", played.error());
  if (auto checked = replay.check_expected(); !checked) return fail("replay", checked.error());
  if (auto checked = replay.check_ratchet(options->has("update-ratchet")); !checked)
    return fail("replay", checked.error());
  if (auto written = replay.write(); !written) return fail("replay", written.error());
  return replay.report();
}

}  // namespace natstwin::cli
