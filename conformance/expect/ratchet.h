// What was reached once may not be lost: proven rows, and how exactly the goldens compare.
#pragma once

#include <expected>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/golden.h"

namespace natstwin::expect {

using Rows = std::set<std::string>;

// proven.txt: a row a line, sorted; # begins a comment.
Rows parse_rows(std::string_view text);
std::string to_text(const Rows& rows);

struct RatchetResult {
  std::vector<std::string> lost;
  std::vector<std::string> gained;
};
// `tried` are the rows that the scenarios of this run name; a narrowed run cannot lose others. With a
// null `tried` (a whole run) every missing row is lost.
RatchetResult check_proven(const Rows& before, const Rows& now, const Rows* tried);

// Shares of all leaves, mask-budget.json.
struct MaskBudget {
  double exact = 0;
  double renamed = 0;
  double bounded = 0;
  double free = 0;
};
MaskBudget budget_of(const trace::LeafCounts& counts);
std::expected<MaskBudget, std::string> parse_mask_budget(std::string_view json);
std::string to_json(const MaskBudget& budget, const trace::LeafCounts& counts);
// Empty if `now` compares at least as much as `before`; else what became worse, in words.
std::string describe_worse(const MaskBudget& before, const MaskBudget& now);

}  // namespace natstwin::expect
