#include "conformance/drift/drift.h"

#include <gtest/gtest.h>

namespace natstwin::drift {

namespace {

trace::Verdict version_differs(int step) {
  trace::Difference difference{.kind = trace::DifferenceKind::bytes,
                               .what = "value",
                               .step = step,
                               .actor = "c1",
                               .frame = "INFO",
                               .path = "json.version"};
  difference.expected = "\"2.14.6\"";
  difference.actual = "\"2.15.1\"";
  return {trace::VerdictKind::differs, "", {difference}};
}

}  // namespace

TEST(Drift, EqualChangesAreToldOnce) {
  const std::vector<Compared> compared{{"core/a", version_differs(1)},
                                       {"core/b", version_differs(7)},
                                       {"core/c", {}},
                                       {"core/d", {trace::VerdictKind::crash, "A ended by <signal> 11", {}}}};
  const Report report = make_report("old", "new", compared);
  EXPECT_EQ(report.same, 1u);
  ASSERT_EQ(report.changes.size(), 1u);
  EXPECT_EQ(report.changes[0].scenarios, (std::vector<std::string>{"core/a", "core/b"}));
  EXPECT_EQ(report.unfinished.size(), 1u);
  EXPECT_NE(to_text(report).find("bytes value: < INFO json.version\n  was \"2.14.6\"\n  is  \"2.15.1\"\n  in "
                                 "2 scenarios: core/a, core/b"),
            std::string::npos)
      << to_text(report);
  EXPECT_NE(to_html(report).find("A ended by &lt;signal&gt; 11"), std::string::npos);
}

}  // namespace natstwin::drift
