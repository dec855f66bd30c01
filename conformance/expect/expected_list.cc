#include "conformance/expect/expected_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "conformance/trace/lines.h"
#include "conformance/trace/tokens.h"

namespace natstwin::expect {

namespace {

constexpr std::string_view separator = " | ";
constexpr std::string_view reason_wanted = "(why)";

std::string entry_of(const std::string& scenario, const trace::Verdict& verdict, std::string_view reason) {
  return to_text({scenario, what_of(verdict), std::string(reason)});
}

// A difference as an entry for "*" names it: "< INFO json.version: expected ...".
// Of a field that is missing or extra, the value tells nothing more.
std::string line_everywhere(trace::Difference difference) {
  if (difference.kind == trace::DifferenceKind::field && difference.what == "missing")
    difference.expected.clear();
  if (difference.kind == trace::DifferenceKind::field && difference.what == "extra")
    difference.actual.clear();
  const std::string line = without_chance(trace::line_of(difference));
  const std::size_t step = line.find(' ');
  return line.substr(line.find(' ', step + 1) + 1);
}

// The verdict without the differences in `lines`; those that were there are put into `found`.
trace::Verdict without_lines(const trace::Verdict& verdict, const std::set<std::string>& lines,
                             std::set<std::string>& found) {
  if (verdict.kind != trace::VerdictKind::differs || verdict.differences.empty()) return verdict;
  trace::Verdict rest{verdict.kind, verdict.reason, {}};
  for (const trace::Difference& difference : verdict.differences) {
    const std::string line = line_everywhere(difference);
    if (lines.contains(line)) {
      found.insert(line);
    } else {
      rest.differences.push_back(difference);
      rest.differences.back().first = false;
    }
  }
  if (rest.differences.empty()) return {};
  std::ranges::min_element(rest.differences, {}, &trace::Difference::rank)->first = true;
  return rest;
}

constexpr std::string_view by_chance = "MAYBE ";

bool may_pass(const Expectation& entry) { return entry.what.starts_with(by_chance); }

// An entry that ends with ... is the beginning of what differs.
bool describes(const Expectation& entry, std::string_view what) {
  constexpr std::string_view open_end = "...";
  std::string_view written = entry.what;
  if (may_pass(entry)) written.remove_prefix(by_chance.size());
  if (!written.ends_with(open_end)) return written == what;
  return what.starts_with(written.substr(0, written.size() - open_end.size()));
}

bool is_quiet(const trace::Verdict& verdict) {
  return verdict.kind == trace::VerdictKind::pass || verdict.kind == trace::VerdictKind::not_run;
}

}  // namespace

std::string without_chance(std::string_view line) {
  std::string out;
  bool after_colon = false;
  for (const trace::Token& token : trace::tokenize(line)) {
    const bool port = after_colon && token.kind == trace::TokenKind::number && token.text.size() >= 4;
    const bool chance = token.kind == trace::TokenKind::time || token.kind == trace::TokenKind::duration ||
                        (token.kind == trace::TokenKind::word && trace::is_name_like(token.text)) ||
                        (token.kind == trace::TokenKind::number && token.text.size() >= 15) || port;
    if (chance) {
      out += "<id>";
    } else {
      out += token.text;
    }
    after_colon = token.text == ":";
  }
  return out;
}

std::expected<std::vector<Expectation>, std::string> parse_expectations(std::string_view text) {
  std::vector<Expectation> list;
  trace::LineReader lines(text);
  while (const auto line = lines.next()) {
    if (line->empty() || line->starts_with('#')) continue;
    const auto fail = [&](std::string_view reason) {
      return std::unexpected(fmt::format("line {}: {}", lines.number(), reason));
    };
    const std::size_t first = line->find(separator);
    const std::size_t last = line->rfind(separator);
    if (first == std::string_view::npos || first == last) {
      return fail("an entry is 'scenario | verdict and first line | reason'");
    }
    Expectation entry{std::string(line->substr(0, first)),
                      std::string(line->substr(first + separator.size(), last - first - separator.size())),
                      std::string(line->substr(last + separator.size()))};
    if (entry.reason.empty() || entry.reason == reason_wanted) return fail("the reason is missing");
    const auto key = [](const Expectation& e) {
      return std::pair(e.scenario, e.scenario == everywhere ? e.what : std::string());
    };
    if (!list.empty() && key(entry) <= key(list.back())) {
      return fail("not sorted, or a scenario comes twice");
    }
    list.push_back(std::move(entry));
  }
  return list;
}

std::string to_text(const Expectation& expectation) {
  return fmt::format("{}{}{}{}{}", expectation.scenario, separator, expectation.what, separator,
                     expectation.reason);
}

std::string what_of(const trace::Verdict& verdict) {
  const trace::Difference* first = verdict.first();
  const bool by_line = verdict.kind == trace::VerdictKind::differs && first != nullptr;
  std::string text = without_chance(by_line ? trace::line_of(*first) : verdict.reason);
  std::ranges::replace(text, '\n', ' ');
  return fmt::format("{}{}{}", trace::name_of(verdict.kind), text.empty() ? "" : " ", text);
}

Expected check_expectations(std::span<const Expectation> list, std::span<const Judged> judged,
                            const std::set<std::string>& known, bool whole) {
  Expected result;
  std::map<std::string, const Expectation*> entries;  // of one scenario
  std::map<std::string, std::string> reasons;         // of the lines that are expected everywhere
  std::set<std::string> lines;
  for (const Expectation& entry : list) {
    if (entry.scenario == everywhere) {
      lines.insert(entry.what);
      reasons[entry.what] = entry.reason;
    } else {
      entries.emplace(entry.scenario, &entry);
    }
  }
  const auto problem = [&](const std::string& scenario, std::string text, std::string edit) {
    result.problems.push_back({scenario, std::move(text), std::move(edit)});
  };
  std::set<std::string> seen;
  for (const Judged& one : judged) {
    std::set<std::string> found;
    const trace::Verdict rest = without_lines(*one.verdict, lines, found);
    seen.insert(found.begin(), found.end());
    const auto at = entries.find(one.scenario);
    const Expectation* entry = at == entries.end() ? nullptr : at->second;
    if (entry != nullptr) entries.erase(at);
    if (one.verdict->kind == trace::VerdictKind::not_run) continue;
    if (entry == nullptr && !is_quiet(rest)) {
      problem(one.scenario, "no difference is expected", "+ " + entry_of(one.scenario, rest, reason_wanted));
    } else if (entry != nullptr && is_quiet(rest) && may_pass(*entry)) {
      result.reasons[one.scenario] = entry->reason;
    } else if (entry != nullptr && is_quiet(rest)) {
      problem(one.scenario, "it passes, but a difference is expected", "- " + to_text(*entry));
    } else if (entry != nullptr && !describes(*entry, what_of(rest))) {
      problem(one.scenario, "it differs otherwise than expected",
              fmt::format("- {}\n+ {}", to_text(*entry), entry_of(one.scenario, rest, entry->reason)));
    } else if (entry != nullptr) {
      result.reasons[one.scenario] = entry->reason;
    } else if (!found.empty()) {
      result.reasons[one.scenario] = reasons[*found.begin()];
    }
  }
  for (const auto& [name, entry] : entries) {
    if (!known.contains(name)) problem(name, "there is no such scenario", "- " + to_text(*entry));
  }
  for (const Expectation& entry : list) {
    if (!whole || entry.scenario != everywhere || seen.contains(entry.what)) continue;
    problem(entry.scenario, "it matches nothing", "- " + to_text(entry));
  }
  std::ranges::stable_sort(result.problems, {}, &Problem::scenario);
  return result;
}

std::vector<Expectation> propose_expectations(std::span<const Expectation> list,
                                              std::span<const Judged> judged, const std::string& reason) {
  constexpr std::size_t several = 3;
  std::map<std::pair<std::string, std::string>, std::string> kept;
  for (const Expectation& entry : list) kept[{entry.scenario, entry.what}] = entry.reason;
  const auto reason_of = [&](const std::string& scenario, const std::string& what) {
    const auto at = kept.find({scenario, what});
    return at == kept.end() ? reason : at->second;
  };
  std::map<std::string, std::set<std::string>> shown;  // scenarios by line
  for (const Judged& one : judged) {
    if (one.verdict->kind != trace::VerdictKind::differs) continue;
    for (const trace::Difference& difference : one.verdict->differences) {
      shown[line_everywhere(difference)].insert(one.scenario);
    }
  }
  std::vector<Expectation> proposed;
  std::set<std::string> lines;
  for (const auto& [line, scenarios] : shown) {
    if (scenarios.size() < several) continue;
    lines.insert(line);
    proposed.push_back({std::string(everywhere), line, reason_of(std::string(everywhere), line)});
  }
  std::map<std::string, Expectation> single;
  for (const Expectation& entry : list) {
    if (may_pass(entry)) single[entry.scenario] = entry;
  }
  for (const Judged& one : judged) {
    std::set<std::string> found;
    const trace::Verdict rest = without_lines(*one.verdict, lines, found);
    if (is_quiet(rest)) continue;
    const std::string what = what_of(rest);
    const auto written = std::ranges::find(list, one.scenario, &Expectation::scenario);
    const bool stays = written != list.end() && describes(*written, what);
    single[one.scenario] = stays ? *written : Expectation{one.scenario, what, reason};
  }
  for (auto& [name, entry] : single) proposed.push_back(std::move(entry));
  return proposed;
}

}  // namespace natstwin::expect
