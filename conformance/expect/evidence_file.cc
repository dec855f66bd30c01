#include "conformance/expect/evidence_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace natstwin::expect {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t differences_max = 50;

Json json_of(const trace::LeafCounts& counts) {
  return {{"exact", counts.exact},
          {"renamed", counts.renamed},
          {"bounded", counts.bounded},
          {"free", counts.free}};
}

Json json_of(const trace::Difference& difference) {
  return {{"kind", trace::name_of(difference.kind)},
          {"what", difference.what},
          {"first", difference.first},
          {"step", difference.step},
          {"actor", difference.actor},
          {"direction", std::string(1, static_cast<char>(difference.direction))},
          {"frame", difference.frame},
          {"path", difference.path},
          {"expected", difference.expected},
          {"actual", difference.actual},
          {"line", trace::line_of(difference)},
          {"golden_line", difference.golden_line},
          {"replay_line", difference.replay_line}};
}

Json json_of(const Totals& totals) {
  Json out{{"scenarios", totals.scenarios}};
  for (int kind = 0; kind <= static_cast<int>(trace::VerdictKind::flaky); ++kind) {
    const std::string name(trace::name_of(static_cast<trace::VerdictKind>(kind)));
    const auto count = totals.verdicts.find(name);
    out[name] = count == totals.verdicts.end() ? 0 : count->second;
  }
  out["expected"] = totals.expected;
  return out;
}

// The first divergence is among those that are listed, however many there are.
Json differences_of(const trace::Verdict& verdict) {
  Json list = Json::array();
  for (std::size_t i = 0; i < verdict.differences.size(); ++i) {
    const trace::Difference& difference = verdict.differences[i];
    if (i < differences_max || difference.first) list.push_back(json_of(difference));
  }
  return list;
}

Json json_of(const ScenarioEvidence& scenario) {
  Json out{{"name", scenario.name},
           {"area", scenario.name.substr(0, scenario.name.find('/'))},
           {"verdict", trace::name_of(scenario.verdict.kind)},
           {"reason", scenario.verdict.reason}};
  if (!scenario.expected_reason.empty()) out["expected"] = scenario.expected_reason;
  out["proves"] = scenario.proves;
  out["proven"] = scenario.verdict.kind == trace::VerdictKind::pass;
  out["seconds"] = scenario.seconds;
  out["leaves"] = json_of(scenario.leaves);
  out["script"] = scenario.script;
  out["golden"] = scenario.golden;
  out["replay"] = scenario.replay;
  out["differences_total"] = scenario.verdict.differences.size();
  out["differences"] = differences_of(scenario.verdict);
  return out;
}

Json json_of(const ControlEvidence& control) {
  return {{"label", control.label},
          {"version", control.version},
          {"totals", json_of(control.totals)},
          {"unexpected", control.unexpected}};
}

bool is_caught(const MutantRun& run) { return run.applied > 0 && run.caught; }

// A mutant that gets away once has got away.
bool was_caught(const MutantEvidence& mutant) {
  return std::ranges::any_of(mutant.runs, is_caught) &&
         std::ranges::all_of(mutant.runs,
                             [](const MutantRun& run) { return run.applied == 0 || run.caught; });
}

Json json_of(const std::vector<MutantEvidence>& mutants) {
  const MutationScore score = score_of(mutants);
  Json list = Json::array();
  for (const MutantEvidence& mutant : mutants) {
    Json runs = Json::array();
    for (const MutantRun& run : mutant.runs) {
      runs.push_back({{"scenario", run.scenario},
                      {"applied", run.applied},
                      {"caught", run.caught},
                      {"difference", run.difference}});
    }
    list.push_back(
        {{"name", mutant.name}, {"what", mutant.what}, {"caught", was_caught(mutant)}, {"runs", runs}});
  }
  const double share =
      score.applied == 0 ? 0.0 : static_cast<double>(score.caught) / static_cast<double>(score.applied);
  return {{"score", share}, {"applied", score.applied}, {"caught", score.caught}, {"mutants", list}};
}

// Bytes of any peer stand in the texts; what is no UTF-8 is shown as a replacement character.
std::string dump(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n'; }

}  // namespace

Totals totals_of(const std::vector<ScenarioEvidence>& scenarios) {
  Totals totals;
  totals.scenarios = scenarios.size();
  for (const ScenarioEvidence& scenario : scenarios) {
    ++totals.verdicts[std::string(trace::name_of(scenario.verdict.kind))];
    totals.expected += !scenario.expected_reason.empty();
  }
  return totals;
}

Rows proven_rows(const std::vector<ScenarioEvidence>& scenarios) {
  Rows rows;
  for (const ScenarioEvidence& scenario : scenarios) {
    if (scenario.verdict.kind == trace::VerdictKind::pass)
      rows.insert(scenario.proves.begin(), scenario.proves.end());
  }
  return rows;
}

std::string to_json(const Evidence& evidence) {
  trace::LeafCounts mask;
  for (const ScenarioEvidence& scenario : evidence.scenarios) mask += scenario.leaves;
  Json totals = json_of(totals_of(evidence.scenarios));
  totals["rows_proven"] = proven_rows(evidence.scenarios).size();
  std::vector<const ScenarioEvidence*> sorted;
  for (const ScenarioEvidence& scenario : evidence.scenarios) sorted.push_back(&scenario);
  std::ranges::sort(sorted, {}, &ScenarioEvidence::name);
  Json scenarios = Json::array();
  for (const ScenarioEvidence* scenario : sorted) scenarios.push_back(json_of(*scenario));
  Json problems = Json::array();
  for (const Problem& problem : evidence.problems) {
    problems.push_back(
        {{"scenario", problem.scenario}, {"problem", problem.problem}, {"ready_edit", problem.ready_edit}});
  }
  Json out{{"format", "natstwin evidence 1"},
           {"reference", evidence.reference},
           {"candidate", {{"label", evidence.candidate_label}, {"version", evidence.candidate_version}}},
           {"started", evidence.started},
           {"seconds", evidence.seconds},
           {"totals", totals},
           {"mask", json_of(mask)},
           {"scenarios", scenarios},
           {"expectations", {{"file", evidence.expected_file}, {"problems", problems}}},
           {"ratchet",
            {{"file", evidence.ratchet_file},
             {"lost", evidence.ratchet.lost},
             {"gained", evidence.ratchet.gained}}}};
  if (!evidence.controls.empty()) {
    out["controls"] = Json::array();
    for (const ControlEvidence& control : evidence.controls) out["controls"].push_back(json_of(control));
  }
  if (!evidence.mutants.empty()) out["mutation"] = json_of(evidence.mutants);
  return dump(out);
}

MutationScore score_of(const std::vector<MutantEvidence>& mutants) {
  MutationScore score;
  for (const MutantEvidence& mutant : mutants) {
    for (const MutantRun& run : mutant.runs) {
      score.applied += run.applied > 0;
      score.caught += is_caught(run);
    }
  }
  return score;
}

std::string mutation_json(const std::vector<MutantEvidence>& mutants) { return dump(json_of(mutants)); }

std::string control_json(const ControlEvidence& control) { return dump(json_of(control)); }

std::expected<std::string, std::string> with_key(const std::string& evidence, const std::string& key,
                                                 const std::string& json) {
  Json file = Json::parse(evidence, nullptr, false);
  if (!file.is_object() || file.value("format", "") != "natstwin evidence 1") {
    return std::unexpected("this is no evidence of natstwin");
  }
  const Json value = Json::parse(json, nullptr, false);
  if (value.is_discarded()) return std::unexpected("the value of " + key + " is no JSON");
  file[key] = value;
  return dump(file);
}

std::expected<std::string, std::string> with_control(const std::string& evidence,
                                                     const ControlEvidence& control) {
  const Json file = Json::parse(evidence, nullptr, false);
  if (!file.is_object()) return std::unexpected("this is no evidence of natstwin");
  Json controls = Json::array();
  if (file.contains("controls") && file["controls"].is_array()) {
    for (const Json& other : file["controls"]) {
      if (!other.is_object() || other.value("label", "") != control.label) controls.push_back(other);
    }
  }
  controls.push_back(json_of(control));
  return with_key(evidence, "controls", dump(controls));
}

}  // namespace natstwin::expect
