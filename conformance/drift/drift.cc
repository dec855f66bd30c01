#include "conformance/drift/drift.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "conformance/expect/expected_list.h"

namespace natstwin::drift {

namespace {

constexpr std::size_t scenarios_shown = 5;

bool is_finished(const trace::Verdict& verdict) {
  return verdict.kind == trace::VerdictKind::pass || verdict.kind == trace::VerdictKind::differs;
}

std::string place_of(const trace::Difference& difference) {
  const bool log = difference.direction == trace::Direction::log;
  return fmt::format("{} {}{}{}", static_cast<char>(difference.direction), log ? "log " : "",
                     difference.frame, difference.path.empty() ? "" : " " + difference.path);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string list_of(const std::vector<std::string>& scenarios) {
  std::string out;
  for (std::size_t i = 0; i < std::min(scenarios.size(), scenarios_shown); ++i) {
    out += fmt::format("{}{}", i == 0 ? "" : ", ", scenarios[i]);
  }
  if (scenarios.size() > scenarios_shown)
    out += fmt::format(", and {} more", scenarios.size() - scenarios_shown);
  return out;
}

constexpr std::string_view style =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 "
    "1rem;color:#222;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
    "border-bottom:1px solid #ddd}code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}"
    ".n{text-align:right}.s{color:#666;font-size:13px}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}th,td{border-color:#333}.s{color:#"
    "999}}";

}  // namespace

Report make_report(std::string from, std::string to, std::span<const Compared> compared) {
  Report report{.from = std::move(from), .to = std::move(to), .scenarios = compared.size()};
  using Key = std::tuple<trace::DifferenceKind, std::string, std::string, std::string, std::string>;
  std::map<Key, std::vector<std::string>> seen;
  for (const Compared& one : compared) {
    if (one.verdict.kind == trace::VerdictKind::pass) ++report.same;
    if (!is_finished(one.verdict)) {
      report.unfinished.push_back(one);
      continue;
    }
    for (const trace::Difference& difference : one.verdict.differences) {
      auto& scenarios =
          seen[{difference.kind, difference.what, place_of(difference),
                expect::without_chance(difference.expected), expect::without_chance(difference.actual)}];
      if (scenarios.empty() || scenarios.back() != one.scenario) scenarios.push_back(one.scenario);
    }
  }
  for (auto& [key, scenarios] : seen) {
    const auto& [kind, what, place, before, after] = key;
    report.changes.push_back({kind, what, place, before, after, std::move(scenarios)});
  }
  std::ranges::stable_sort(report.changes, [](const Change& a, const Change& b) {
    return std::pair(a.kind, b.scenarios.size()) < std::pair(b.kind, a.scenarios.size());
  });
  return report;
}

std::string to_text(const Report& report) {
  std::string out = fmt::format("from {}\nto   {}\n{} scenarios, {} the same, {} changes\n", report.from,
                                report.to, report.scenarios, report.same, report.changes.size());
  for (const Change& change : report.changes) {
    out += fmt::format("\n{} {}: {}\n", trace::name_of(change.kind), change.what, change.place);
    if (!change.before.empty()) out += fmt::format("  was {}\n", change.before);
    if (!change.after.empty()) out += fmt::format("  is  {}\n", change.after);
    out += fmt::format("  in {} scenarios: {}\n", change.scenarios.size(), list_of(change.scenarios));
  }
  for (const Compared& one : report.unfinished) {
    out += fmt::format("\n{} {}: {}\n", trace::name_of(one.verdict.kind), one.scenario, one.verdict.reason);
  }
  return out;
}

std::string to_html(const Report& report) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Drift</title><style>{}</style></head><body>\n"
      "<h1>What changed</h1>\n<p>From <code>{}</code> to <code>{}</code>: {} scenarios, {} the same, {} "
      "changes.</p>\n",
      style, escaped(report.from), escaped(report.to), report.scenarios, report.same, report.changes.size());
  out +=
      "<table><thead><tr><th>kind</th><th>where</th><th>was</th><th>is</th><th "
      "class=\"n\">scenarios</th></tr></thead><tbody>\n";
  for (const Change& change : report.changes) {
    out += fmt::format(
        "<tr><td>{} {}</td><td><code>{}</code><div class=\"s\">{}</div></td><td><code>{}</code></td>"
        "<td><code>{}</code></td><td class=\"n\">{}</td></tr>\n",
        trace::name_of(change.kind), escaped(change.what), escaped(change.place),
        escaped(list_of(change.scenarios)), escaped(change.before), escaped(change.after),
        change.scenarios.size());
  }
  out += "</tbody></table>\n";
  if (!report.unfinished.empty()) {
    out += "<h2>Not comparable</h2>\n<table><tbody>\n";
    for (const Compared& one : report.unfinished) {
      out +=
          fmt::format("<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>\n",
                      trace::name_of(one.verdict.kind), escaped(one.scenario), escaped(one.verdict.reason));
    }
    out += "</tbody></table>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace natstwin::drift
