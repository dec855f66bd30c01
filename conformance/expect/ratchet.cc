#include "conformance/expect/ratchet.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "conformance/trace/lines.h"

namespace natstwin::expect {

namespace {

// A few more scenarios of the same kind move the shares by less than this.
constexpr double slack = 0.005;

}  // namespace

Rows parse_rows(std::string_view text) {
  Rows rows;
  trace::LineReader lines(text);
  while (const auto line = lines.next()) {
    if (!line->empty() && !line->starts_with('#')) rows.emplace(*line);
  }
  return rows;
}

std::string to_text(const Rows& rows) {
  std::string out = "# Rows that are proven and must stay so. Written by natstwin replay --update-ratchet.\n";
  for (const std::string& row : rows) out += row + '\n';
  return out;
}

RatchetResult check_proven(const Rows& before, const Rows& now, const Rows* tried) {
  RatchetResult result;
  for (const std::string& row : before) {
    if (!now.contains(row) && (tried == nullptr || tried->contains(row))) result.lost.push_back(row);
  }
  std::ranges::set_difference(now, before, std::back_inserter(result.gained));
  return result;
}

MaskBudget budget_of(const trace::LeafCounts& counts) {
  if (counts.total() == 0) return {};
  const auto share = [&](std::size_t part) {
    return static_cast<double>(part) / static_cast<double>(counts.total());
  };
  return {share(counts.exact), share(counts.renamed), share(counts.bounded), share(counts.free)};
}

std::expected<MaskBudget, std::string> parse_mask_budget(std::string_view json) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  if (!value.is_object()) return std::unexpected("not a JSON object");
  const auto share = [&](const char* name) {
    const auto at = value.find(name);
    return at != value.end() && at->is_number() ? at->get<double>() : -1.0;
  };
  const MaskBudget budget{share("exact"), share("renamed"), share("bounded"), share("free")};
  if (std::min({budget.exact, budget.renamed, budget.bounded, budget.free}) < 0) {
    return std::unexpected("exact, renamed, bounded and free must be shares");
  }
  return budget;
}

std::string to_json(const MaskBudget& budget, const trace::LeafCounts& counts) {
  return fmt::format(
      "{{\n  \"exact\": {:.4f},\n  \"renamed\": {:.4f},\n  \"bounded\": {:.4f},\n  \"free\": {:.4f},\n  "
      "\"leaves\": {}\n}}\n",
      budget.exact, budget.renamed, budget.bounded, budget.free, counts.total());
}

std::string describe_worse(const MaskBudget& before, const MaskBudget& now) {
  std::string out;
  const auto rose = [&](std::string_view name, double was, double is) {
    if (is > was + slack) out += fmt::format("{} rose from {:.2f}% to {:.2f}%\n", name, was * 100, is * 100);
  };
  rose("the share of leaves not compared", before.free, now.free);
  rose("the share of leaves compared by bounds or not at all", before.free + before.bounded,
       now.free + now.bounded);
  return out;
}

}  // namespace natstwin::expect
