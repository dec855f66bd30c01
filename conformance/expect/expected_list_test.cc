#include "conformance/expect/expected_list.h"

#include <gtest/gtest.h>

#include "conformance/expect/evidence_file.h"
#include "conformance/expect/ratchet.h"

namespace natstwin::expect {

namespace {

trace::Verdict differs(std::string actual) {
  trace::Difference difference{.kind = trace::DifferenceKind::bytes,
                               .what = "value",
                               .first = true,
                               .step = 3,
                               .actor = "c1",
                               .frame = "MSG",
                               .path = "payload"};
  difference.expected = "\"a\"";
  difference.actual = std::move(actual);
  return {trace::VerdictKind::differs, "1 difference", {difference}};
}

constexpr const char* entry =
    "core/a | DIFFERS @3 c1 < MSG payload: expected \"a\", got \"b\" | 2.14 says b\n";

}  // namespace

TEST(ExpectedList, AnEntryThatIsRightExcusesItsScenario) {
  const auto list = parse_expectations(entry);
  ASSERT_TRUE(list) << list.error();
  const trace::Verdict verdict = differs("\"b\"");
  const std::vector<Judged> judged{{"core/a", &verdict}};
  const Expected result = check_expectations(*list, judged, {"core/a"}, true);
  EXPECT_TRUE(result.problems.empty());
  EXPECT_TRUE(result.reasons.contains("core/a"));
}

TEST(ExpectedList, AnythingElseFailsWithAReadyEdit) {
  const auto list = *parse_expectations(entry);
  const trace::Verdict pass;
  const trace::Verdict other = differs("\"c\"");
  const trace::Verdict flaky{trace::VerdictKind::flaky, "sometimes", {}};
  struct Case {
    std::vector<Judged> judged;
    std::set<std::string> known;
    const char* problem;
    const char* edit;
  };
  const std::string line(entry, std::string_view(entry).size() - 1);
  const Case cases[] = {
      {{{"core/a", &pass}},
       {"core/a"},
       "it passes, but a difference is expected",
       "- core/a | DIFFERS @3 c1 < MSG payload: expected \"a\", got \"b\" | 2.14 says b"},
      {{},
       {"core/b"},
       "there is no such scenario",
       "- core/a | DIFFERS @3 c1 < MSG payload: expected \"a\", got \"b\" | 2.14 says b"},
      {{{"core/a", &other}},
       {"core/a"},
       "it differs otherwise than expected",
       "- core/a | DIFFERS @3 c1 < MSG payload: expected \"a\", got \"b\" | 2.14 says b\n+ core/a | DIFFERS "
       "@3 c1 < MSG payload: expected \"a\", got \"c\" | 2.14 says b"},
      {{{"core/b", &flaky}},
       {"core/a", "core/b"},
       "no difference is expected",
       "+ core/b | FLAKY sometimes | (why)"},
  };
  for (const Case& c : cases) {
    const Expected result = check_expectations(list, c.judged, c.known, true);
    ASSERT_EQ(result.problems.size(), 1u) << c.problem;
    EXPECT_EQ(result.problems[0].problem, c.problem);
    EXPECT_EQ(result.problems[0].ready_edit, c.edit);
  }
}

TEST(ExpectedList, ANarrowedRunDoesNotCallOtherEntriesStale) {
  EXPECT_TRUE(check_expectations(*parse_expectations(entry), {}, {"core/a"}, false).problems.empty());
}

TEST(ExpectedList, WhatIsExpectedEverywhereIsSetAside) {
  const auto list = parse_expectations(
      "* | < MSG payload: expected \"a\", got \"b\" | 2.14 says b\n* | < PING: missing | none\n");
  ASSERT_TRUE(list) << list.error();
  const trace::Verdict b = differs("\"b\"");
  trace::Verdict both = differs("\"b\"");
  both.differences.push_back(both.differences[0]);
  both.differences[1].actual = "\"c\"";
  both.differences[1].rank = 1;
  both.differences[1].first = false;
  const std::vector<Judged> judged{{"core/a", &b}, {"core/b", &both}};
  const Expected result = check_expectations(*list, judged, {"core/a", "core/b"}, true);
  EXPECT_EQ(result.reasons.at("core/a"), "2.14 says b");
  ASSERT_EQ(result.problems.size(), 2u);
  EXPECT_EQ(result.problems[0].problem, "it matches nothing");
  EXPECT_EQ(result.problems[1].ready_edit,
            "+ core/b | DIFFERS @3 c1 < MSG payload: expected \"a\", got \"c\" | (why)");
}

TEST(ExpectedList, AnEntryMayBeTheBeginningOfWhatDiffers) {
  const auto list = parse_expectations("core/a | DIFFERS @3 c1 < MSG payload: ... | chance\n");
  ASSERT_TRUE(list) << list.error();
  const trace::Verdict b = differs("\"b\"");
  EXPECT_TRUE(check_expectations(*list, std::vector<Judged>{{"core/a", &b}}, {}, true).problems.empty());
  EXPECT_EQ(propose_expectations(*list, std::vector<Judged>{{"core/a", &b}}, "new")[0].reason, "chance");
  const trace::Verdict pass;
  const auto maybe = parse_expectations("core/a | MAYBE DIFFERS @3 ... | chance\n");
  EXPECT_TRUE(check_expectations(*maybe, std::vector<Judged>{{"core/a", &b}}, {}, true).problems.empty());
  EXPECT_TRUE(check_expectations(*maybe, std::vector<Judged>{{"core/a", &pass}}, {}, true).problems.empty());
  EXPECT_EQ(propose_expectations(*maybe, std::vector<Judged>{{"core/a", &pass}}, "new").size(), 1u);
  const auto other = parse_expectations("core/a | DIFFERS @4 ... | chance\n");
  EXPECT_EQ(check_expectations(*other, std::vector<Judged>{{"core/a", &b}}, {}, true).problems.size(), 1u);
}

TEST(ExpectedList, TheProposedListMakesTheRunRight) {
  const trace::Verdict b = differs("\"b\"");
  const trace::Verdict c = differs("\"c\"");
  const trace::Verdict pass;
  const std::vector<Judged> judged{
      {"core/a", &b}, {"core/b", &b}, {"core/c", &b}, {"core/d", &c}, {"core/e", &pass}};
  const auto proposed = propose_expectations({}, judged, "because");
  ASSERT_EQ(proposed.size(), 2u);
  EXPECT_EQ(proposed[0].scenario, "*");
  EXPECT_EQ(proposed[1].scenario, "core/d");
  std::string text;
  for (const Expectation& entry : proposed) text += to_text(entry) + "\n";
  const auto parsed = parse_expectations(text);
  ASSERT_TRUE(parsed) << parsed.error();
  const Expected result = check_expectations(*parsed, judged, {}, true);
  EXPECT_TRUE(result.problems.empty());
  EXPECT_EQ(result.reasons.size(), 4u);
}

TEST(ExpectedList, IsSortedAndReasoned) {
  EXPECT_EQ(parse_expectations("b/b | X | why\na/a | X | why\n").error(),
            "line 2: not sorted, or a scenario comes twice");
  EXPECT_EQ(parse_expectations("a/a | X | (why)\n").error(), "line 1: the reason is missing");
  EXPECT_EQ(parse_expectations("a/a | X\n").error(),
            "line 1: an entry is 'scenario | verdict and first line | reason'");
  EXPECT_TRUE(parse_expectations("# nothing\n\n")->empty());
}

TEST(ExpectedList, WhatChangesFromRunToRunIsLeftOut) {
  EXPECT_EQ(what_of(differs("\"_INBOX.L7ZvGBaRkYrSFSRi9tVHnM\"")),
            "DIFFERS @3 c1 < MSG payload: expected \"a\", got \"_INBOX.<id>\"");
  EXPECT_EQ(what_of(differs("\"127.0.0.1:41234\"")),
            "DIFFERS @3 c1 < MSG payload: expected \"a\", got \"127.0.0.1:<id>\"");
}

TEST(Ratchet, LosesNoRowThatWasTried) {
  const Rows before = parse_rows("# head\nerr:1\ngo:A\ngo:B\n");
  const Rows now{"go:B", "go:C"};
  EXPECT_EQ(check_proven(before, now, nullptr).lost, (std::vector<std::string>{"err:1", "go:A"}));
  EXPECT_EQ(check_proven(before, now, nullptr).gained, std::vector<std::string>{"go:C"});
  const Rows tried{"go:A"};
  EXPECT_EQ(check_proven(before, now, &tried).lost, std::vector<std::string>{"go:A"});
  EXPECT_EQ(parse_rows(to_text(now)), now);
}

TEST(MaskBudget, MayOnlyGetBetter) {
  const MaskBudget before{0.90, 0.06, 0.03, 0.01};
  EXPECT_EQ(describe_worse(before, {0.92, 0.05, 0.02, 0.01}), "");
  EXPECT_NE(describe_worse(before, {0.90, 0.05, 0.02, 0.03}), "");
  EXPECT_NE(describe_worse(before, {0.80, 0.06, 0.13, 0.01}), "");
  const auto back = parse_mask_budget(to_json(before, {}));
  ASSERT_TRUE(back);
  EXPECT_DOUBLE_EQ(back->exact, 0.90);
  EXPECT_FALSE(parse_mask_budget("[]"));
  EXPECT_FALSE(parse_mask_budget("{\"exact\": 1}"));
}

TEST(Evidence, TellsRowsTotalsAndDifferences) {
  Evidence evidence;
  evidence.scenarios.push_back({.name = "core/b", .verdict = differs("\"\xff\""), .proves = {"go:B"}});
  evidence.scenarios.push_back({.name = "core/a", .proves = {"go:A", "go:B"}});
  EXPECT_EQ(proven_rows(evidence.scenarios), (Rows{"go:A", "go:B"}));
  const std::string json = to_json(evidence);
  EXPECT_LT(json.find("core/a"), json.find("core/b"));
  EXPECT_NE(json.find("\"rows_proven\": 2"), std::string::npos);
  EXPECT_NE(json.find("\"DIFFERS\": 1"), std::string::npos);
  const auto more = with_key(
      json, "mutation",
      mutation_json({{"m", "what", {{"core/a", 1, true, "x"}}}, {"n", "", {{"core/a", 0, false, ""}}}}));
  ASSERT_TRUE(more) << more.error();
  EXPECT_NE(more->find("\"score\": 1.0"), std::string::npos);
  const auto controlled = with_control(*more, {.label = "old", .version = "1"});
  ASSERT_TRUE(controlled);
  EXPECT_EQ(with_control(*controlled, {.label = "old", .version = "2"})->find("\"version\": \"1\""),
            std::string::npos);
  EXPECT_FALSE(with_key("{}", "x", "1"));
}

}  // namespace natstwin::expect
